import { connect, disconnectAll, methods } from "@activity-events/testing/contract-client";
import { freePort } from "@activity-events/testing/free-port";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { seededRandom } from "@activity-events/testing/seeded-random";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { create } from "@bufbuild/protobuf";
import { afterEach, expect, jest, test } from "@jest/globals";
import { IngestProducer, openIngest } from "./ingest-producer.ts";
import { readStoredEvents } from "./stored-events.ts";

// Takes seconds, but on a machine that is busy with other things it must not fail for that.
jest.setTimeout(300_000);

const MiB = 1_024 * 1_024;
const deployments = Array.from({ length: 10 }, (_, index) => `release-${index}`);

afterEach(async () => {
  disconnectAll();
  await cleanUp();
});

test.each([
  ["kill -9", "SIGKILL", 5],
  ["SIGTERM", "SIGTERM", 2],
] as const)(
  "IngestEvents loses nothing that it acknowledged, doubles nothing and keeps the order, through %s in its middle",
  async (_, signal, times) => {
    const random = seededRandom(`ingest-${signal}`);
    const home = { port: await freePort(), dataDir: temporaryFolder().path };
    const eventsTotal = 60_000;
    let service = await startService(home);
    const producer = new IngestProducer({ address: service.address, deployments, eventsTotal });

    for (let time = 1; time <= times; time += 1) {
      const at = Math.floor((eventsTotal / (times + 2)) * time) + random.between(0, 1_000);
      await until(() => producer.acknowledged.length >= at, "enough events are acknowledged");
      service.signal(signal);
      const exit = await service.exited;
      if (signal === "SIGTERM") expect(exit).toEqual({ code: 0, signal: null });
      service = await startService(home);
    }
    await producer.done;

    const client = connect(service.address);
    for (const deploymentId of deployments) {
      const stored = await readStoredEvents(client, deploymentId);
      expect(
        producer.faultsIn(
          deploymentId,
          stored.map(({ eventId }) => eventId),
        ),
      ).toEqual([]);
    }
    expect(producer.ends.length).toBeGreaterThan(times);
    if (signal === "SIGTERM") expect(producer.goaways).toBe(times);
  },
);

test("a client that floods IngestEvents and reads nothing costs bounded memory", async () => {
  const service = await startService({ dataDir: temporaryFolder().path });
  const before = service.residentBytes();
  const streams = Array.from({ length: 8 }, () => openIngest(connect(service.address)).on("error", () => {}));
  const events = Array.from({ length: 2_000 }, (_, index) => ({
    deploymentId: `d-${index}`,
    message: "m".repeat(900),
  }));
  const message = create(methods.ingestEvents.input, { events });

  // Without a reader of their frames; 40 messages of 2 MB on each: ten windows, 640 MB together.
  for (const stream of streams) for (let sent = 0; sent < 40; sent += 1) stream.write(message);
  let highest = before;
  for (let look = 0; look < 100; look += 1) {
    highest = Math.max(highest, service.residentBytes());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }

  process.stderr.write(`ingest flood: ${Math.round((highest - before) / MiB)} MiB above ${Math.round(before / MiB)}\n`);
  expect(highest - before).toBeLessThan(550 * MiB);
});
