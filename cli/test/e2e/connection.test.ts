import { writeFileSync } from "node:fs";
import { createSecureServer } from "node:http2";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { startClosedService } from "@activity-events/testing/closed-service";
import { freePort } from "@activity-events/testing/free-port";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { selfSignedCertificate } from "@activity-events/testing/self-signed-certificate";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";
import { endClients, runClient } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

const call = (line: string, environment: Readonly<Record<string, string>> = {}) =>
  runClient({ args: line.split(" "), environment });

test("says that a service speaks plain text, without a word of Node's or OpenSSL's", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });

  const [health, add, tail] = await Promise.all([
    call(`--tls --timeout 1 --address ${address} health`),
    call(`--tls --timeout 1 --address ${address} add --deployment-id d --message m`),
    call(`--tls --timeout 1 --address ${address} tail --deployment-id d`),
  ]);

  const said = `the server at ${address} speaks plain text and this client used TLS; leave out --tls.`;
  const errors = `activity_client: UNAVAILABLE: ${said}\n`;
  for (const result of [health, add, tail]) expect(result).toEqual({ exitCode: 5, output: "", errors });
});

test("trusts the authorities of --ca-file, and says that it is needed", async () => {
  const { certificate, key } = selfSignedCertificate();
  const file = join(temporaryFolder().path, "ca.pem");
  writeFileSync(file, certificate);
  const server = createSecureServer({ cert: certificate, key });
  server.on("stream", (stream) => {
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(Buffer.from([0, 0, 0, 0, 2, 8, 1]));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `localhost:${(server.address() as AddressInfo).port}`;

  const [untrusted, trusted, missing] = await Promise.all([
    call(`--tls --address ${address} health`),
    call(`--ca-file ${file} --address ${address} health`),
    call(`--ca-file ${file}.none --address ${address} health`),
  ]).finally(() => server.close());

  const said = `the certificate of ${address} is not trusted; give its authority with --ca-file FILE.`;
  expect(untrusted).toEqual({ exitCode: 5, output: "", errors: `activity_client: UNAVAILABLE: ${said}\n` });
  expect(trusted).toEqual({ exitCode: 0, output: "SERVING\n", errors: "" });
  expect(missing).toMatchObject({ exitCode: 2, errors: `activity_client: --ca-file ${file}.none does not exist.\n` });
});

test("says that a proxy of the environment does not reach the service", async () => {
  const http_proxy = `http://user:secret@127.0.0.1:${await freePort()}`;

  const { exitCode, errors } = await call("--timeout 1 --address service.invalid:443 health", { http_proxy });

  const said = "service.invalid:443 was not reached through the proxy of http_proxy";
  expect(errors).toBe(`activity_client: UNAVAILABLE: ${said}; check the proxy, or list the host in no_proxy.\n`);
  expect(exitCode).toBe(5);
});

test("says that a server takes connections but does not answer", async () => {
  const server = createServer((socket) => socket.on("error", () => {}));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  const result = await call(`--timeout 1 --address ${address} health`).finally(() => server.close());

  expect(result.exitCode).toBe(5);
  expect(result.errors).toContain(`DEADLINE_EXCEEDED: ${address} takes connections but does not answer in time; `);
});

test("says of a front end's refusal what it demands, in its own words", async () => {
  const { address: target } = await startService({ dataDir: temporaryFolder().path });
  await using closed = await startClosedService({ target, credentials: "none" });

  const { errors } = await call(`--tls --address ${closed.address} health`, closed.environment);

  expect(errors).toContain("requires a token, and none was sent (HTTP status 403). Use --run-service NAME --region");
});
