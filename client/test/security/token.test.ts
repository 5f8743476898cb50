import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startHealthServer } from "@activity-events/testing/health-server";
import { selfSignedCertificate } from "@activity-events/testing/self-signed-certificate";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { expect, test } from "@jest/globals";
import { ActivityEventsClient } from "../../src/activity-events-client.ts";
import type { ServiceAddress } from "../../src/calls/open-channel.ts";
import { serviceFiles } from "../../src/security/service-files.ts";

async function checkTwice(service: ServiceAddress, between = () => {}): Promise<void> {
  const client = new ActivityEventsClient(service);
  try {
    await client.checkHealth();
    between();
    await client.checkHealth();
  } finally {
    client.close();
  }
}

test("a token is asked for anew with each call, over plain text to this machine and over TLS", async () => {
  const { certificate, key } = selfSignedCertificate();
  await using plain = await startHealthServer();
  await using secure = await startHealthServer({ cert: certificate, key });
  let count = 0;
  const token = async () => {
    count += 1;
    return `token-${count}`;
  };

  await checkTwice({ address: plain.address, tls: false, token });
  await checkTwice({ address: secure.address, tls: true, rootCertificates: certificate, token });

  const sent = [...plain.calls, ...secure.calls].map(({ authorization }) => authorization);
  expect(sent).toEqual(["Bearer token-1", "Bearer token-2", "Bearer token-3", "Bearer token-4"]);
});

test("a stream carries the token, too", async () => {
  await using server = await startHealthServer();
  const client = new ActivityEventsClient({ address: server.address, tls: false, token: () => "of-a-stream" });

  // The answer is none of this method's.
  await expect(client.streamEvents({ deploymentId: "d" }).next()).rejects.toBeDefined();
  client.close();

  expect(server.calls[0]?.authorization).toBe("Bearer of-a-stream");
});

test("the token of a file is read anew with each call, without the white space around it", async () => {
  using folder = temporaryFolder();
  const tokenFile = join(folder.path, "token");
  writeFileSync(tokenFile, "first\n");
  await using server = await startHealthServer();

  await checkTwice({ address: server.address, tls: false, ...serviceFiles({ tokenFile }) }, () =>
    writeFileSync(tokenFile, "  second\r\n"),
  );

  expect(server.calls.map(({ authorization }) => authorization)).toEqual(["Bearer first", "Bearer second"]);
});

test.each([
  ["a source that fails", () => Promise.reject(new Error("the vault is sealed")), "the vault is sealed"],
  ["a token of two words", () => "very secret", "the token is empty, or holds white space or other than ASCII"],
  ["an empty token", () => "", "the token is empty, or holds white space or other than ASCII"],
])("%s fails the call before it is sent, without a word of the token", async (_, token, message) => {
  await using server = await startHealthServer();
  const client = new ActivityEventsClient({ address: server.address, tls: false, token });

  await expect(client.checkHealth()).rejects.toMatchObject({ code: "UNAUTHENTICATED", message });
  client.close();

  expect(server.calls).toEqual([]);
});

test("neither a token nor a certificate goes over plain text to another machine", () => {
  const address = "events.example.com:50051";
  const clientCertificate = selfSignedCertificate();

  expect(() => new ActivityEventsClient({ address, tls: false, token: () => "t" })).toThrow(
    "A token is sent over TLS only, except to this machine.",
  );
  expect(() => new ActivityEventsClient({ address, tls: false, clientCertificate })).toThrow(
    "A client certificate needs TLS.",
  );
});
