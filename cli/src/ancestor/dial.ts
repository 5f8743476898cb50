import { isIPv6 } from "node:net";
import type { AncestorFlags } from "./go-flags.ts";

/** The target of the ancestor's address and port, or Go's error for one that cannot be dialed. */
export type Dialed =
  | { readonly kind: "target"; readonly target: string }
  | { readonly kind: "undialable"; readonly problem: string };

/** Joins address and port as the ancestor does, but accepts an IPv6 address without brackets. */
export function dial({ address, port }: Pick<AncestorFlags, "address" | "port">): Dialed {
  const host = isIPv6(address) ? `[${address}]` : address;
  const target = `${host}:${port}`;
  if (host.startsWith("dns:///")) return { kind: "target", target };
  const problem = problemOfHost(host);
  if (problem !== undefined) return { kind: "undialable", problem: `dial tcp: address ${target}: ${problem}` };
  if (BigInt.asUintN(16, port) !== port) {
    return { kind: "undialable", problem: `dial tcp: address ${port}: invalid port` };
  }
  // In Go, an empty address is this machine.
  return { kind: "target", target: host === "" ? `localhost:${port}` : target };
}

// The rules of Go's net.SplitHostPort, in its order.
function problemOfHost(host: string): string | undefined {
  if (host.startsWith("[")) {
    const end = host.indexOf("]");
    if (end === -1) return "missing ']' in address";
    if (end < host.length - 1) return host[end + 1] === ":" ? "too many colons in address" : "missing port in address";
  } else if (host.includes(":")) return "too many colons in address";
  if (host.includes("[", 1)) return "unexpected '[' in address";
  return !host.startsWith("[") && host.includes("]") ? "unexpected ']' in address" : undefined;
}
