import { connect, disconnectAll } from "@activity-events/testing/contract-client";
import { cleanUp, type RunningService, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, jest, test } from "@jest/globals";
import { fill } from "./batch-filling.ts";
import { Follower } from "./follower.ts";

// Takes seconds, but on a machine that is busy with other things it must not fail for that.
jest.setTimeout(300_000);

// A minute's work; fewer are for a quick look.
const eventsTotal = Number(process.env.EVENTS || 1_000_000);
const deploymentId = "release-42";
const MiB = 1_024 * 1_024;
const bytesOfFollowerMax = 64 * MiB;
// How much garbage V8 leaves lying differs by 40 MiB and more from run to run, unless its young generation is small.
const environment = { NODE_OPTIONS: "--max-semi-space-size=2" };

afterEach(async () => {
  disconnectAll();
  await cleanUp();
});

test(`spends at most 64 MiB on a follower that stops reading while ${eventsTotal} events are written, and leaves none out`, async () => {
  const service = await startService({ dataDir: temporaryFolder().path, environment });
  const timesSeen = new Uint8Array(eventsTotal + 1);
  const follower = new Follower(connect(service.address), {
    deploymentId,
    onEvent: ({ eventId }) => {
      const number = Number(eventId.slice(2));
      timesSeen[number] = (timesSeen[number] ?? 0) + 1;
    },
  });
  await follower.until(() => follower.frames.includes("caught_up"));
  follower.pause();
  const bytesStalled = await mostBytesWhile(service, () => fill(connect(service.address), deploymentId, eventsTotal));
  const reachedWhileStalled = follower.last;
  follower.resume();
  const bytesReadingOn = await mostBytesWhile(service, () =>
    follower.until(() => follower.last === eventsTotal && follower.frames.at(-1) === "caught_up"),
  );

  await service.kill();
  let bytesAlone = await mostBytesAlone();
  // It still differs, so one run is not enough to find fault with.
  if (bytesStalled - bytesAlone >= bytesOfFollowerMax) bytesAlone = Math.max(bytesAlone, await mostBytesAlone());

  process.stderr.write(
    `stalled-follower: resident at most ${inMiB(bytesAlone)} without it, ${inMiB(bytesStalled)} with it, ${inMiB(bytesReadingOn)} when it read on\n`,
  );
  expect(timesSeen.subarray(1).every((times) => times === 1)).toBe(true);
  // It may have fallen behind and caught up before it had nothing left to read, too.
  expect(follower.frames.join(" ")).toMatch(/^opened caught_up( fell_behind caught_up)+$/);
  const markers = follower.markers.filter(({ frame }) => frame !== "heartbeat");
  expect(markers[1]).toMatchObject({ frame: "caught_up", cursor: 0, headSequence: 0 });
  expect(markers.at(-2)).toMatchObject({ frame: "fell_behind", headSequence: eventsTotal });
  expect(markers.at(-1)).toMatchObject({ frame: "caught_up", cursor: eventsTotal, headSequence: eventsTotal });
  expect(bytesStalled - bytesAlone).toBeLessThan(bytesOfFollowerMax);
  // The test is about nothing if the follower went on reading.
  expect(reachedWhileStalled).toBeLessThan(eventsTotal / 10);
});

/** The most memory that the service has resident while the same events are written and nobody follows. */
async function mostBytesAlone(): Promise<number> {
  const service = await startService({ dataDir: temporaryFolder().path, environment });
  const bytes = await mostBytesWhile(service, () => fill(connect(service.address), deploymentId, eventsTotal));
  await service.kill();
  return bytes;
}

/** The most memory that the service has resident while something goes on. */
async function mostBytesWhile(service: RunningService, work: () => Promise<void>): Promise<number> {
  let most = service.residentBytes();
  const sampling = setInterval(() => {
    most = Math.max(most, service.residentBytes());
  }, 20);
  try {
    await work();
  } finally {
    clearInterval(sampling);
  }
  return most;
}

function inMiB(bytes: number): string {
  return `${Math.round(bytes / MiB)} MiB`;
}
