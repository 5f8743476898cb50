import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { join } from "node:path";
import { freePort } from "@activity-events/testing/free-port";
import { startPage } from "@activity-events/testing/http-process";
import { selfSignedCertificate } from "@activity-events/testing/self-signed-certificate";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { subprotocol } from "../src/live/live-messages.ts";
import { startNginx } from "./nginx.ts";

const docs = readFileSync(join(import.meta.dirname, "..", "..", "docs", "configuration.md"), "utf8");
const [, example = ""] = /```nginx\n(.*?)```/s.exec(docs) ?? [];
const [, allowedOrigins = ""] = /ALLOWED_ORIGINS=(\S+) /.exec(docs) ?? [];
const { host } = new URL(allowedOrigins);

let service: ServiceProcess;
let address: string;

beforeEach(async () => {
  service = new ServiceProcess();
  address = String((await service.line(({ message }) => message === "listening")).address);
});

afterEach(() => service[Symbol.asyncDispose]());

test.each([
  ["as in docs/configuration.md", example, allowedOrigins, [200, 101]],
  ["without Upgrade", example.replace(/.*Upgrade .*\n/, ""), allowedOrigins, [200, 404]],
  ["without the Host header", example.replace(/.*Host .*\n/, ""), "", [200, 403]],
  ["without ALLOWED_ORIGINS", example, "", [403, 403]],
])("nginx %s", async (_, configuration, ALLOWED_ORIGINS, statuses) => {
  await using page = await startPage({ service: address, environment: { ALLOWED_ORIGINS } });
  using folder = temporaryFolder();
  const port = await freePort();
  await using _nginx = await startNginx({
    configuration: onThisMachine(configuration, port, new URL(page.url).port, folder.path),
    folder: join(folder.path, "nginx"),
    port,
  });

  const answers = [
    await statusOf(port, "/", {}),
    await statusOf(port, "/live", {
      origin: allowedOrigins,
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": Buffer.from("sixteen bytes...").toString("base64"),
      "sec-websocket-protocol": subprotocol,
    }),
  ];

  expect(answers).toEqual(statuses);
});

/** Gives the example free ports, a certificate and a viewer on this machine. */
function onThisMachine(configuration: string, port: number, pagePort: string, folder: string): string {
  const { certificate, key } = selfSignedCertificate();
  const files = { certificate: join(folder, "certificate.pem"), key: join(folder, "key.pem") };
  writeFileSync(files.certificate, certificate);
  writeFileSync(files.key, key);
  return configuration
    .replace("listen 443", `listen 127.0.0.1:${port}`)
    .replace(/ssl_certificate .*;/, `ssl_certificate ${files.certificate};`)
    .replace(/ssl_certificate_key .*;/, `ssl_certificate_key ${files.key};`)
    .replace("10.0.0.0/8", "127.0.0.0/8")
    .replace("127.0.0.1:50080", `127.0.0.1:${pagePort}`);
}

/** Returns the status of the answer to a browser that knows the page by its public name. */
async function statusOf(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<number | undefined> {
  const sent = request({
    host: "127.0.0.1",
    port,
    path,
    headers: { host, ...headers },
    rejectUnauthorized: false,
    agent: false,
  });
  sent.end();
  const [answer]: [IncomingMessage] = await Promise.race([
    once(sent, "response") as Promise<[IncomingMessage]>,
    once(sent, "upgrade") as Promise<[IncomingMessage]>,
  ]);
  answer.destroy();
  sent.destroy();
  return answer.statusCode;
}
