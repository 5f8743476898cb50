import { afterEach, expect, test } from "@jest/globals";
import { fill } from "./batch-filling.ts";
import { connect, disconnectAll } from "./contract-client.ts";
import { Follower } from "./follower.ts";
import { cleanUp, type RunningService, startService, temporaryFolder } from "./running-service.ts";

// All that the issue asks for is EVENTS=1000000; by default as many as are written in a few seconds.
const eventsTotal = Number(process.env.EVENTS || 200_000);
const deploymentId = "release-42";
const MiB = 1_024 * 1_024;

afterEach(async () => {
  disconnectAll();
  await cleanUp();
});

test(
  `spends at most 64 MiB on a follower that stops reading while ${eventsTotal} events are written, and leaves none out`,
  async () => {
    const alone = await startService({ dataDir: temporaryFolder() });
    const bytesAlone = await mostBytesWhile(alone, () => fill(connect(alone.address), deploymentId, eventsTotal));
    await alone.kill();

    const service = await startService({ dataDir: temporaryFolder() });
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

    process.stderr.write(
      `stalled-follower: resident at most ${inMiB(bytesAlone)} without it, ${inMiB(bytesStalled)} with it, ${inMiB(bytesReadingOn)} when it read on\n`,
    );
    expect(timesSeen.subarray(1).every((times) => times === 1)).toBe(true);
    expect(follower.frames).toEqual(["opened", "caught_up", "fell_behind", "caught_up"]);
    const [, first, fellBehind, caughtUp] = follower.markers.filter(({ frame }) => frame !== "heartbeat");
    expect(first).toMatchObject({ cursor: 0, headSequence: 0 });
    expect(fellBehind).toMatchObject({ headSequence: eventsTotal });
    expect(caughtUp).toMatchObject({ cursor: eventsTotal, headSequence: eventsTotal });
    expect(bytesStalled - bytesAlone).toBeLessThan(64 * MiB);
    // The test is about nothing if the follower went on reading.
    expect(reachedWhileStalled).toBeLessThan(eventsTotal / 10);
  },
  60_000 + eventsTotal,
);

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
