import type { AncestorFlags } from "./go-flags.ts";

const systemErrors: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: "cannot assign requested address",
  ECONNREFUSED: "connection refused",
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "network is unreachable",
  ETIMEDOUT: "connection timed out",
};

// With dns:/// the message covers each address and the whole list.
const refused = /^(?:round_robin: )?No connection established\..* connect (E[A-Z]+)(?: (\S+?))?\. Resolution note: /s;

/** The dialed address, and the name servers of this machine. */
interface Dialing extends Pick<AncestorFlags, "address" | "port"> {
  readonly nameServers: readonly string[];
}

/** Translates grpc-js' details of a failed connection to Go's words; undefined for any other details. */
export function dialProblem(details: string, { address, port, nameServers }: Dialing): string | undefined {
  if (details.startsWith("Name resolution failed for target ")) return lookupProblem(address, nameServers);
  const [, code = "", reached = ""] = refused.exec(details) ?? [];
  const error = systemErrors[code];
  if (error === undefined) return undefined;
  // Node leaves the port 0 out, and an IPv6 address without brackets.
  const ip = reached.endsWith(`:${port}`) ? reached.slice(0, -`:${port}`.length) : reached;
  const host = address === "" ? "" : ip.includes(":") ? `[${ip}]` : ip;
  return `dial tcp ${host}:${port}: connect: ${error}`;
}

function lookupProblem(address: string, nameServers: readonly string[]): string {
  const name = address.replace(/^dns:\/\/\//, "");
  // The ancestor's releases use Go's own resolver. It queries a server only for a possible name, and names the server.
  const [server] = /^[\w.-]+$/.test(name) && /[a-z_-]/i.test(name) ? nameServers : [];
  return `dial tcp: lookup ${name}${server === undefined ? "" : ` on ${withPort(server)}`}: no such host`;
}

function withPort(server: string): string {
  if (/^\[.*\]:\d+$|^[^:]*:\d+$/.test(server)) return server;
  return server.includes(":") ? `[${server}]:53` : `${server}:53`;
}
