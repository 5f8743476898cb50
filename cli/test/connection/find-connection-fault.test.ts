import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttp2Server, createSecureServer } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { freePort } from "@activity-events/testing/free-port";
import { selfSignedCertificate } from "@activity-events/testing/self-signed-certificate";
import { afterEach, expect, test } from "@jest/globals";
import { explainConnection } from "../../src/connection/explain-connection.ts";
import { findConnectionFault } from "../../src/connection/find-connection-fault.ts";

const { certificate, key } = selfSignedCertificate();
const other = selfSignedCertificate();
const servers: Server[] = [];
const sockets = new Set<Socket>();

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** Listens on a free port of loopback. */
async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on("connection", (socket: Socket) => sockets.add(socket.on("error", () => {})));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Servers that a client may meet in place of the service, and the service's own protocol. */
const kinds = {
  http2: () => createHttp2Server(),
  "http2 over TLS": () => createSecureServer({ cert: certificate, key }),
  http1: () => createHttpServer((_, answer) => answer.end("hello")),
  "http1 over TLS": () => createHttpsServer({ cert: certificate, key }, (_, answer) => answer.end("hello")),
  ssh: () => createServer((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n")),
  "a server that closes": () => createServer((socket) => socket.destroy()),
  "a server that says nothing": () => createServer(() => {}),
} as const;

const port = (kind: keyof typeof kinds) => listen(kinds[kind]() as Server);

test.each([
  ["http2", { tls: false }, { kind: "http2" }],
  ["http2", { tls: true }, { kind: "tls only here" }],
  ["http2 over TLS", { tls: false }, { kind: "tls only there" }],
  ["http2 over TLS", { tls: true }, { kind: "untrusted", why: "unknown issuer" }],
  ["http2 over TLS", { tls: true, rootCertificates: other.certificate }, { kind: "untrusted", why: "unknown issuer" }],
  ["http2 over TLS", { tls: true, rootCertificates: certificate }, { kind: "http2" }],
  ["http1", { tls: false }, { kind: "http1" }],
  ["http1", { tls: true }, { kind: "http1" }],
  ["http1 over TLS", { tls: false }, { kind: "tls only there" }],
  ["http1 over TLS", { tls: true, rootCertificates: certificate }, { kind: "http1" }],
  ["ssh", { tls: false }, { kind: "other protocol" }],
  ["ssh", { tls: true }, { kind: "other protocol" }],
  ["a server that closes", { tls: false }, { kind: "closed" }],
  ["a server that closes", { tls: true }, { kind: "closed" }],
  ["a server that says nothing", { tls: false }, { kind: "silent", isConnected: true }],
  ["a server that says nothing", { tls: true }, { kind: "silent", isConnected: true }],
] as const)("finds out what it meets: %s, with %j", async (kind, security, finding) => {
  const address = `localhost:${await port(kind)}`;

  expect(await findConnectionFault({ address, ...security })).toEqual(finding);
});

test("finds out that a certificate is for another name", async () => {
  const address = `127.0.0.1:${await port("http2 over TLS")}`;

  const finding = await findConnectionFault({ address, tls: true, rootCertificates: certificate });

  expect(finding).toEqual({ kind: "untrusted", why: "other name" });
});

test.each([
  ["expired", { from: -3, until: -2 }],
  ["not valid yet", { from: 2, until: 3 }],
] as const)("finds out that a certificate is %s", async (why, days) => {
  const { certificate: cert, key } = selfSignedCertificate(days);
  const address = `localhost:${await listen(createSecureServer({ cert, key }))}`;

  const finding = await findConnectionFault({ address, tls: true, rootCertificates: cert });

  expect(finding).toEqual({ kind: "untrusted", why });
});

test.each([
  ["127.0.0.1", "not listening"],
  ["dns:///localhost", "not listening"],
])("finds out that nothing listens at %s", async (host, kind) => {
  expect(await findConnectionFault({ address: `${host}:${await freePort()}`, tls: false })).toMatchObject({ kind });
});

test.each(["no.such.name.invalid", "dns:///no.such.name.invalid"])(
  "finds out that %s does not resolve",
  async (host) => {
    const finding = await findConnectionFault({ address: `${host}:443`, tls: false });

    expect(finding).toEqual({ kind: "unresolved", host: "no.such.name.invalid" });
  },
);

test("explains each finding in one sentence of its own", () => {
  const service = { address: "example:443", tls: true };
  const sentences = [
    explainConnection({ kind: "not listening" }, service),
    explainConnection({ kind: "unresolved", host: "example" }, service),
    explainConnection({ kind: "unreachable" }, service),
    explainConnection({ kind: "silent", isConnected: true }, service),
    explainConnection({ kind: "silent", isConnected: false }, service),
    explainConnection({ kind: "closed" }, service),
    explainConnection({ kind: "tls only here" }, service),
    explainConnection({ kind: "tls only there" }, service),
    explainConnection({ kind: "untrusted", why: "unknown issuer" }, service),
    explainConnection({ kind: "untrusted", why: "unknown issuer" }, { ...service, rootCertificates: certificate }),
    explainConnection({ kind: "untrusted", why: "expired" }, service),
    explainConnection({ kind: "untrusted", why: "not valid yet" }, service),
    explainConnection({ kind: "untrusted", why: "other name" }, service),
    explainConnection({ kind: "untrusted", why: "other" }, service),
    explainConnection({ kind: "client certificate", why: "missing" }, service),
    explainConnection({ kind: "client certificate", why: "expired" }, service),
    explainConnection({ kind: "client certificate", why: "refused" }, service),
    explainConnection({ kind: "unreadable file", message: "ca.pem does not exist" }, service),
    explainConnection({ kind: "http1" }, service),
    explainConnection({ kind: "other protocol" }, service),
  ];

  expect(explainConnection({ kind: "http2" }, service)).toBeUndefined();
  expect(new Set(sentences).size).toBe(sentences.length);
  for (const sentence of sentences) expect(sentence).toMatch(/^[^.]*example(?!\.\s)[^\n]*[^.]$/);
});
