import { ActivityEventsClient } from "@activity-events/client";
import { freePort } from "@activity-events/testing/free-port";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { endClients, type RunningClient, runClient, startClient } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

/** Records events of deployment `d` that say their numbers. */
async function record(address: string, first: number, last: number): Promise<void> {
  const client = new ActivityEventsClient({ address, tls: false });
  const events = Array.from({ length: last - first + 1 }, (_, index) => ({ message: String(first + index) }));
  await client.batchCreateEvents({ deploymentId: "d", events }, { timeoutMs: 120_000 }).finally(() => client.close());
}

const tail = (address: string, ...args: readonly string[]) =>
  startClient({ args: ["tail", "--deployment-id", "d", ...args], address });

const shows = (client: RunningClient, count: number) =>
  until(() => client.lines().length >= count, `${count} events are shown`);

const sequences = (client: RunningClient) => client.lines().map((line) => Number(line.split("\t")[0]));

test("shows history, then what comes, over kill -9 and a restart, and says when the service stays away and is back", async () => {
  const dataDir = temporaryFolder().path;
  const port = await freePort();
  const first = await startService({ dataDir, port });
  await record(first.address, 1, 3);
  const client = tail(first.address, "--after-sequence", "1");
  await shows(client, 2);
  await record(first.address, 4, 4);
  await shows(client, 3);

  await first.kill();
  await until(() => client.errors().includes("Lost the connection"), "it reports the outage");
  await startService({ dataDir, port });
  await record(first.address, 5, 6);
  await shows(client, 5);

  expect(sequences(client)).toEqual([2, 3, 4, 5, 6]);
  expect(client.errors()).toMatch(
    /Lost the connection: nothing listens at .*; start the service.*\. Retrying\.\n.*Reconnected .*; continuing after sequence 4\.\n$/,
  );
});

test("goes on over a service that drains, without a word", async () => {
  const dataDir = temporaryFolder().path;
  const port = await freePort();
  const first = await startService({ dataDir, port });
  await record(first.address, 1, 1);
  const client = tail(first.address);
  await shows(client, 1);

  first.signal("SIGTERM");
  await first.exited;
  await startService({ dataDir, port });
  await record(first.address, 2, 2);
  await shows(client, 2);

  expect(sequences(client)).toEqual([1, 2]);
});

test("stops with 6 when the service comes back with fewer events than were shown", async () => {
  const port = await freePort();
  const first = await startService({ dataDir: temporaryFolder().path, port });
  await record(first.address, 1, 2);
  const client = tail(first.address);
  await shows(client, 2);

  await first.kill();
  await startService({ dataDir: temporaryFolder().path, port });
  const { exitCode, errors } = await client.ended;

  expect(exitCode).toBe(6);
  expect(errors).toContain("CURSOR_AHEAD: the service has fewer events than were already shown");
});

test("ends with 130 on Ctrl-C", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  await record(address, 1, 1);
  const client = tail(address);
  await shows(client, 1);

  client.child.kill("SIGINT");
  const { exitCode, errors } = await client.ended;

  expect([exitCode, errors]).toEqual([130, ""]);
});

test("ends quietly when the reader of its output has enough", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  await record(address, 1, 500);
  const client = tail(address);
  await shows(client, 1);

  client.child.stdout?.destroy();
  await record(address, 501, 502);
  const { exitCode, errors } = await client.ended;

  expect([exitCode, errors]).toEqual([0, ""]);
});

test("ends after the history without following, and knows a deployment that does not exist", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  await record(address, 1, 3);

  const [known, unknown] = await Promise.all([
    runClient({ args: ["tail", "--deployment-id", "d", "--no-follow", "--json"], address }),
    runClient({ args: ["tail", "--deployment-id", "none", "--no-follow"], address }),
  ]);

  expect(
    known.output
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).sequence),
  ).toEqual(["1", "2", "3"]);
  expect([known.exitCode, unknown.exitCode]).toEqual([0, 3]);
});

test("says that it waits for a deployment that does not exist yet, and shows it when it comes", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const client = tail(address);
  await until(() => client.errors() !== "", "it says that it waits");

  await record(address, 1, 2);
  await shows(client, 2);

  expect(sequences(client)).toEqual([1, 2]);
  expect(client.errors()).toBe('activity_client: There is no deployment "d" yet; waiting for its first event.\n');
});
