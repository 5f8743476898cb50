import { connect, disconnectAll } from "@activity-events/testing/contract-client";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, jest, test } from "@jest/globals";
import { EventWriters } from "./event-writers.ts";
import { Follower } from "./follower.ts";
import { readStoredEvents } from "./stored-events.ts";

// Takes seconds, but on a machine that is busy with other things it must not fail for that.
jest.setTimeout(300_000);

const eventsTotal = 10_000;

afterEach(async () => {
  disconnectAll();
  await cleanUp();
});

test("gives 10,000 events of 64 writers the sequences 1 to 10,000, and followers see them in that order", async () => {
  const { address, log } = await startService({ dataDir: temporaryFolder().path });
  const deploymentId = "release-42";
  const seenFromStart: string[] = [];
  const seenFromMiddle: string[] = [];
  const fromStart = new Follower(connect(address), {
    deploymentId,
    onEvent: ({ eventId }) => seenFromStart.push(eventId),
  });
  await fromStart.until(() => fromStart.frames.includes("caught_up"));

  const writers = new EventWriters({ address, deploymentId, writers: 64, eventsTotal });
  await writers.until(() => writers.acknowledged.size >= eventsTotal / 2);
  const fromMiddle = new Follower(connect(address), {
    deploymentId,
    onEvent: ({ eventId }) => seenFromMiddle.push(eventId),
  });
  await fromMiddle.until(() => fromMiddle.markers.length > 0);
  const acknowledgedAtJoin = writers.acknowledged.size;
  await writers.done;
  await Promise.all([fromStart.reach(eventsTotal), fromMiddle.reach(eventsTotal)]);

  const stored = await readStoredEvents(connect(address), deploymentId);
  expect(await writers.faultsIn(async () => stored)).toEqual([]);
  expect(writers.acknowledged.size).toBe(eventsTotal);
  expect([writers.refused, writers.duplicates]).toEqual([[], 0]);
  expect(stored).toHaveLength(eventsTotal);
  const inOrder = stored.map(({ eventId }) => eventId);
  expect(seenFromStart).toEqual(inOrder);
  expect(seenFromMiddle).toEqual(inOrder);
  // The test is about nothing if the second follower came when all was over, or the first one was not live.
  expect(acknowledgedAtJoin).toBeLessThan(eventsTotal);
  expect(fromStart.markers[1]).toMatchObject({ frame: "caught_up", cursor: 0, headSequence: 0 });
  expect(log.filter(({ message }) => message === "fault")).toEqual([]);
});
