import { X509Certificate } from "node:crypto";
import { lookup } from "node:dns/promises";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { ServiceAddress } from "@activity-events/client";
import { freshValue } from "@activity-events/client/internal";
import type { CertificateFault, ConnectionFinding } from "./connection-finding.ts";

/** Longest time for each step: a person waits for the explanation. */
const stepTimeMs = 2_000;
/** Client preface and an empty SETTINGS frame. Source: RFC 9113, 3.4. */
const preface = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
const settingsType = 4;

/**
 * Connects once, step by step, to find out why calls to a service fail. The texts of grpc-js do not tell: they hold OpenSSL's
 * source lines, or only that a connection failed. Never throws.
 */
export async function findConnectionFault(service: ServiceAddress): Promise<ConnectionFinding> {
  const { host, port } = endpointOf(service.address);
  if (isIP(host) === 0 && (await addressesOf(host)) === 0) return { kind: "unresolved", host };
  const direct = await openSocket(host, port);
  if ("kind" in direct) return direct;
  if (!service.tls) return probePlain(direct, { host, port });
  const identity = identityOf(service);
  if ("kind" in identity) return identity;
  const secure = await secureSocket(direct, host, identity);
  if (!("kind" in secure)) return probeSecure(secure, identity.cert);
  if (secure.kind === "client certificate") return { kind: secure.kind, why: clientFault(identity.cert) };
  if (secure.kind !== "other protocol" && secure.kind !== "closed") return secure;
  const again = await openSocket(host, port);
  const plain = "kind" in again ? again : await probeHttp2(again);
  if (plain.kind === "http2") return { kind: "tls only here" };
  return plain.kind === "http1" ? plain : secure;
}

/** What the client trusts and shows, in the words of Node. */
interface Identity {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

function identityOf({ rootCertificates, clientCertificate }: ServiceAddress): Identity | ConnectionFinding {
  try {
    const ca = freshValue(rootCertificates);
    const own = freshValue(clientCertificate);
    return {
      ...(ca === undefined ? {} : { ca }),
      ...(own === undefined ? {} : { cert: own.certificate, key: own.key }),
    };
  } catch (error) {
    return { kind: "unreadable file", message: (error as Error).message };
  }
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

function endpointOf(address: string): Endpoint {
  const bare = address.replace(/^dns:\/\/\//, "");
  const end = bare.lastIndexOf(":");
  return { host: bare.slice(0, end).replace(/^\[(.*)\]$/, "$1"), port: Number(bare.slice(end + 1)) };
}

async function addressesOf(host: string): Promise<number> {
  return (await lookup(host, { all: true }).catch(() => [])).length;
}

/** Opens a connection, or says why there is none. */
function openSocket(host: string, port: number): Promise<Socket | ConnectionFinding> {
  const socket = connect({ host, port });
  return step<Socket | ConnectionFinding>(socket, { kind: "silent", isConnected: false }, (settle) => {
    socket.once("connect", () => settle(socket));
    socket.once("error", ({ code }: NodeJS.ErrnoException) => {
      settle({
        kind: code === "ECONNREFUSED" ? "not listening" : code === "ETIMEDOUT" ? "silent" : "unreachable",
        isConnected: false,
      });
    });
  });
}

/** A plain connection: tells HTTP/2 from a server that waits for TLS, which may answer with an alert or just close. */
async function probePlain(socket: Socket, { host, port }: Endpoint): Promise<ConnectionFinding> {
  const found = await probeHttp2(socket);
  if (found.kind !== "closed" && found.kind !== "other protocol") return found;
  const again = await openSocket(host, port);
  if ("kind" in again) return found;
  const secure = await secureSocket(again, host, {});
  if (!("kind" in secure)) secure.destroy();
  return !("kind" in secure) || ["untrusted", "http1", "client certificate"].includes(secure.kind)
    ? { kind: "tls only there" }
    : found;
}

/** Makes a TLS connection for HTTP/2, or says why there is none. */
function secureSocket(socket: Socket, host: string, identity: Identity): Promise<TLSSocket | ConnectionFinding> {
  const secure = connectTls({
    socket,
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...identity,
    ALPNProtocols: ["h2"],
    // The fault is looked at below; nothing is sent.
    rejectUnauthorized: false,
  });
  return step<TLSSocket | ConnectionFinding>(secure, { kind: "silent", isConnected: true }, (settle) => {
    secure.once("secureConnect", () => {
      if (!secure.authorized) return settle({ kind: "untrusted", why: certificateFault(secure.authorizationError) });
      settle(secure.alpnProtocol === "h2" ? secure : { kind: "http1" });
    });
    secure.once("close", () => settle({ kind: "closed" }));
    secure.once("error", ({ code }: NodeJS.ErrnoException) => {
      if (isClientCertificateAlert(code)) return settle({ kind: "client certificate", why: "missing" });
      if (code === "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL") return settle({ kind: "http1" });
      settle({ kind: code?.startsWith("ERR_SSL") || code === "EPROTO" ? "other protocol" : "closed" });
    });
  });
}

/**
 * Looks at what comes behind the handshake: with TLS 1.3 the server checks the client's certificate only then, and sends an alert or
 * closes.
 */
async function probeSecure(secure: TLSSocket, cert: string | undefined): Promise<ConnectionFinding> {
  let alert: string | undefined;
  secure.on("error", ({ code }: NodeJS.ErrnoException) => {
    alert ??= code;
  });
  const found = await probeHttp2(secure);
  if (found.kind !== "closed") return found;
  const isRefused = isClientCertificateAlert(alert) || cert !== undefined;
  return isRefused ? { kind: "client certificate", why: clientFault(cert) } : found;
}

function clientFault(cert: string | undefined): "missing" | "expired" | "refused" {
  if (cert === undefined) return "missing";
  return Date.parse(new X509Certificate(cert).validTo) < Date.now() ? "expired" : "refused";
}

/** Alerts about a client's certificate: 116, 42 to 46, 48, and 40, which stands for a missing one in TLS 1.2. Source: RFC 8446, 6. */
function isClientCertificateAlert(code: string | undefined): boolean {
  return /ALERT_(CERTIFICATE_|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE)/.test(code ?? "");
}

function certificateFault(error: unknown): CertificateFault {
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return "other name";
  if (code === "CERT_HAS_EXPIRED") return "expired";
  if (code === "CERT_NOT_YET_VALID") return "not valid yet";
  return /SELF_SIGNED|UNABLE_TO|CERT_UNTRUSTED|INVALID_CA/.test(code) ? "unknown issuer" : "other";
}

/** Sends what an HTTP/2 client sends first, looks at the first bytes of the answer, and closes the connection. */
function probeHttp2(socket: Socket): Promise<ConnectionFinding> {
  return step<ConnectionFinding>(socket, { kind: "silent", isConnected: true }, (settle) => {
    const end = (finding: ConnectionFinding) => {
      socket.destroy();
      settle(finding);
    };
    let answer = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length < 5) return;
      if (answer[3] === settingsType && answer[0] === 0) return end({ kind: "http2" });
      end({ kind: answer.toString("latin1", 0, 5) === "HTTP/" ? "http1" : "other protocol" });
    });
    socket.once("close", () => end({ kind: "closed" }));
    socket.once("error", () => end({ kind: "closed" }));
    socket.write(preface);
  });
}

/** Waits for one step, up to its time limit. Destroys the socket unless it is the result. */
function step<Result>(socket: Socket, late: Result, run: (settle: (result: Result) => void) => void): Promise<Result> {
  return new Promise((resolve) => {
    const settle = (result: Result) => {
      clearTimeout(timer);
      if (!Object.is(result, socket)) socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => settle(late), stepTimeMs);
    socket.on("error", () => {});
    run(settle);
  });
}
