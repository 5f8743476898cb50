import { collect } from "@activity-events/testing/collect";
import { freePort } from "@activity-events/testing/free-port";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { ActivityEventsClient, type IngestOutcome } from "../../src/index.ts";

const clients = new Set<ActivityEventsClient>();

function connectTo(address: string): ActivityEventsClient {
  const client = new ActivityEventsClient({ address, tls: false });
  clients.add(client);
  return client;
}

afterEach(async () => {
  for (const client of clients) client.close();
  clients.clear();
  await cleanUp();
});

const messagesOf = async (client: ActivityEventsClient, deploymentId: string) =>
  (await collect(client.listEvents({ deploymentId, pageSize: 1_000 }))).map(({ message }) => message);

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `${index + 1}`);

test("tells what came of each event, in order, and goes on after those that are refused", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const client = connectTo(address);
  await client.createEvent({ event: { deploymentId: "a", eventId: "taken", message: "first" } });

  const outcomes = await collect(
    client.ingestEvents([
      { deploymentId: "a", eventId: "taken", message: "other" },
      { deploymentId: "b", message: "1" },
      { deploymentId: "b", message: "x".repeat(4 * 1024 * 1024) },
      { deploymentId: "b/c", message: "2" },
      { deploymentId: "a", eventId: "taken", message: "first" },
      { deploymentId: "b", message: "2" },
    ]),
  );

  const words = (outcome: IngestOutcome) =>
    outcome.kind === "stored" ? [outcome.sequence, outcome.duplicate] : [outcome.error.code, outcome.error.reason];
  expect(outcomes.map(words)).toEqual([
    ["ALREADY_EXISTS", "EVENT_ID_CONFLICT"],
    [1n, false],
    ["INVALID_ARGUMENT", undefined],
    ["INVALID_ARGUMENT", "REQUEST_INVALID"],
    [1n, true],
    [2n, false],
  ]);
  expect(await messagesOf(client, "b")).toEqual(["1", "2"]);
});

test("sends what a slow source gives without waiting for more", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const client = connectTo(address);
  const more = Promise.withResolvers<void>();
  async function* source() {
    yield { deploymentId: "d", message: "1" };
    await more.promise;
    yield { deploymentId: "d", message: "2" };
  }

  const outcomes = client.ingestEvents(source());
  const first = await outcomes.next();
  more.resolve();

  expect(first.value).toMatchObject({ kind: "stored", sequence: 1n });
  expect(await collect(outcomes)).toMatchObject([{ kind: "stored", sequence: 2n }]);
});

test("takes no more than the window while nobody reads the outcomes", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const client = connectTo(address);
  let taken = 0;
  function* source() {
    for (; taken < 50_000; taken += 1) yield { deploymentId: `d${taken % 100}`, message: "m" };
  }

  const outcomes = client.ingestEvents(source());
  await outcomes.next();
  await until(() => taken >= 9_000, "the window is all but full");
  // Time enough to take more, were it not full.
  for (let calls = 0; calls < 100; calls += 1) await client.getDeployment({ deploymentId: "d0" });
  const takenUnread = taken;
  const rest = await collect(outcomes);

  expect(takenUnread).toBeLessThan(20_000);
  expect(rest).toHaveLength(49_999);
});

test.each(["SIGKILL", "SIGTERM"] as const)(
  "stores each event once and in order over a %s in the middle",
  async (signal) => {
    const dataDir = temporaryFolder().path;
    const port = await freePort();
    const first = await startService({ dataDir, port });
    const client = connectTo(first.address);
    let restarting: Promise<unknown> | undefined;
    const events = numbered(20_000).map((message) => ({ deploymentId: `d${Number(message) % 4}`, message }));
    const shown: string[] = [];

    for await (const outcome of client.ingestEvents(events, { timeoutMs: 120_000 })) {
      expect(outcome).toMatchObject({ kind: "stored", duplicate: false });
      shown.push(outcome.event.message);
      if (shown.length !== 2_000) continue;
      first.signal(signal);
      restarting = first.exited.then(() => startService({ dataDir, port }));
    }
    await restarting;

    expect(shown).toEqual(events.map(({ message }) => message));
    for (const deploymentId of ["d0", "d1", "d2", "d3"]) {
      const wanted = events.filter((event) => event.deploymentId === deploymentId).map(({ message }) => message);
      expect(await messagesOf(client, deploymentId)).toEqual(wanted);
    }
  },
);

test("ends with CANCELLED when it is given up, and with the last problem when its time is up", async () => {
  const client = connectTo(`127.0.0.1:${await freePort()}`);
  const stop = new AbortController();
  const event = { deploymentId: "d", message: "1" };

  const late = collect(client.ingestEvents([event], { timeoutMs: 500 }));
  await expect(late).rejects.toMatchObject({ code: "UNAVAILABLE" });
  const aborted = collect(client.ingestEvents([event], { signal: stop.signal }));
  stop.abort();

  await expect(aborted).rejects.toMatchObject({ code: "CANCELLED" });
});
