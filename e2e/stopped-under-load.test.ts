import { GoawayReason } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { connect, disconnectAll, read } from "@activity-events/testing/contract-client";
import { freePort } from "@activity-events/testing/free-port";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { seededRandom } from "@activity-events/testing/seeded-random";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, jest, test } from "@jest/globals";
import { fill } from "./batch-filling.ts";
import { EventWriters } from "./event-writers.ts";
import { Follower } from "./follower.ts";
import { readStoredEvents } from "./stored-events.ts";

// Takes seconds, but on a machine that is busy with other things it must not fail for that.
jest.setTimeout(300_000);

const deploymentId = "release-42";
const eventsTotal = 3_000;

afterEach(async () => {
  disconnectAll();
  await cleanUp();
});

test.each([
  ["SIGTERM", "all followers read", false],
  ["SIGINT", "a follower does not read", true],
] as const)(
  "ends with code 0 at %s under load when %s, and keeps all that it acknowledged",
  async (signal, _, isOneStalled) => {
    const random = seededRandom("stopped-under-load");
    const home = { port: await freePort(), dataDir: temporaryFolder().path };
    const service = await startService(home);
    const { address } = service;
    const followers = ["release-42", "release-42", "nobody-writes-this"].map(
      (followed) => new Follower(connect(address), { deploymentId: followed }),
    );
    // What a load balancer keeps open.
    const healthWatch = read(connect(address), Health.method.watch, { service: "" });
    const healthEnded = new Promise((resolve) => healthWatch.on("end", resolve).on("error", resolve).resume());
    const stalled = new Follower(connect(address), { deploymentId: "large" });
    await stalled.until(() => stalled.frames.includes("caught_up"));
    if (isOneStalled) {
      stalled.pause();
      await fill(connect(address), "large", 20_000);
    }
    const writers = new EventWriters({ address, deploymentId, writers: 64, eventsTotal });
    const acknowledgedBefore = random.between(300, 2_000);
    await writers.until(() => writers.acknowledged.size >= acknowledgedBefore);

    const sentMs = performance.now();
    service.signal(signal);
    const exit = await service.exited;
    const tookMs = performance.now() - sentMs;
    const acknowledged = writers.acknowledged.size;
    const ends = await Promise.all(followers.map((follower) => follower.ended));
    await healthEnded;
    await startService(home);
    await writers.done;

    process.stderr.write(
      `stopped-under-load: ${signal} after ${acknowledged} events, the end after ${Math.round(tookMs)} ms; ${writers.refused.length} calls were refused and sent again, ${writers.duplicates} had been stored\n`,
    );
    expect(exit).toEqual({ code: 0, signal: null });
    expect(ends).toEqual([undefined, undefined, undefined]);
    for (const { markers, broken } of followers) {
      expect(broken).toBeUndefined();
      expect(markers.at(-1)).toMatchObject({ frame: "goaway", reason: GoawayReason.DRAINING });
    }
    const stored = await readStoredEvents(connect(address), deploymentId);
    expect(await writers.faultsIn(async () => stored)).toEqual([]);
    expect(stored).toHaveLength(eventsTotal);
    expect(writers.refused.filter(({ code }) => code !== "UNAVAILABLE")).toEqual([]);
    // The test is about nothing if there was no load when the signal came.
    expect(acknowledged).toBeLessThan(eventsTotal);
  },
);
