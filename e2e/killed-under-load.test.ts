import { setTimeout as sleep } from "node:timers/promises";
import { connect, disconnectAll } from "@activity-events/testing/contract-client";
import { freePort } from "@activity-events/testing/free-port";
import { cleanUp, launchService, startService } from "@activity-events/testing/running-service";
import { seededRandom } from "@activity-events/testing/seeded-random";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { status } from "@grpc/grpc-js";
import { afterEach, expect, jest, test } from "@jest/globals";
import { EventWriters } from "./event-writers.ts";
import { Follower } from "./follower.ts";
import { readStoredEvents } from "./stored-events.ts";

// Takes seconds, but on a machine that is busy with other things it must not fail for that.
jest.setTimeout(300_000);

const eventsTotal = 10_000;
const deploymentId = "release-42";

afterEach(async () => {
  disconnectAll();
  await cleanUp();
});

test("holds every acknowledged event, once and without a gap, after each kill -9 in the middle of the load", async () => {
  const random = seededRandom("killed-under-load");
  const home = { port: await freePort(), dataDir: temporaryFolder().path };
  const address = `127.0.0.1:${home.port}`;
  const killsAt = Array.from({ length: 8 }, () => random.between(1, eventsTotal - 500)).sort((a, b) => a - b);
  let service = await startService(home);
  const writers = new EventWriters({ address, deploymentId, writers: 64, eventsTotal });
  const follower = followThroughCrashes(address);

  const faults: string[] = [];
  let killsUnderLoad = 0;
  let killsWhileStarting = 0;
  for (const acknowledged of killsAt) {
    await writers.until(() => writers.acknowledged.size >= acknowledged);
    await sleep(random.between(0, 10));
    if (writers.acknowledged.size < eventsTotal) killsUnderLoad += 1;
    await service.kill();
    if (random.between(0, 2) === 0) {
      const starting = launchService(home);
      await sleep(random.between(0, 250));
      starting.child.kill("SIGKILL");
      await starting.exited;
      killsWhileStarting += 1;
    }
    service = await startService(home);
    faults.push(...(await writers.faultsIn(() => readStoredEvents(connect(address), deploymentId))));
  }
  await writers.done;
  await follower.done;

  const stored = await readStoredEvents(connect(address), deploymentId);
  faults.push(...(await writers.faultsIn(async () => stored)));
  expect(faults).toEqual([]);
  expect(stored).toHaveLength(eventsTotal);
  expect(writers.acknowledged.size).toBe(eventsTotal);
  expect(follower.seen).toEqual(stored.map(({ eventId }) => eventId));
  process.stderr.write(
    `killed-under-load: ${killsUnderLoad} kills under load, ${killsWhileStarting} while starting; ${writers.refused.length} calls failed and were sent again, ${writers.duplicates} of them had been stored; the follower came back ${follower.timesOpened - 1} times\n`,
  );
  // The test is about nothing if the service was not killed in the middle of the work.
  expect(killsUnderLoad).toBeGreaterThanOrEqual(5);
  expect(writers.refused.length).toBeGreaterThan(killsUnderLoad);
  expect(follower.timesOpened).toBeGreaterThan(killsUnderLoad / 2);
});

/** A reader that opens the stream anew from its cursor whenever it has lost it, until it has seen all. */
function followThroughCrashes(address: string) {
  const client = connect(address);
  const seen: string[] = [];
  const progress = { seen, timesOpened: 0, done: follow() };
  // Whoever waits for it sees it; until then it is no unhandled rejection.
  progress.done.catch(() => {});
  return progress;

  async function follow(): Promise<void> {
    for (;;) {
      const onEvent = ({ eventId }: { eventId: string }) => seen.push(eventId);
      const stream = new Follower(client, { deploymentId, afterSequence: seen.length, onEvent });
      // Resolves when it has seen all, rejects when the stream ends before.
      await stream.reach(eventsTotal).catch(() => {});
      if (stream.broken !== undefined) throw new Error(stream.broken);
      if (stream.markers.length > 0) progress.timesOpened += 1;
      if (seen.length === eventsTotal) return;
      // A connection that breaks is UNAVAILABLE. Whatever else ends the stream, such as a cursor above the head, is a loss.
      const error = await stream.ended;
      if (error?.code !== status.UNAVAILABLE) throw error ?? new Error("a stream of a follower ended with OK");
      await sleep(20);
    }
  }
}
