import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { ServiceClient } from "@activity-events/testing/service-client";
import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "@jest/globals";
import { embedService } from "./embed-service.ts";
import { frameInWords, isFrame, sequencesIn } from "./frame-in-words.ts";
import { type EventInit, newDeploymentId, newEvent } from "./new-event.ts";
import { startService, stores } from "./start-service.ts";
import { type CountedStore, countUses } from "./unreliable-store.ts";

const { createEvent, streamEvents } = ActivityEventsService.method;

const record = (client: ServiceClient, deploymentId: string, fields: EventInit = {}) =>
  client.call(createEvent, { event: newEvent({ ...fields, deploymentId }) });

describe.each(stores)("a follower's heartbeat on %s", (store) => {
  test("tells the cursor and the head", async () => {
    await using service = await embedService({ store, heartbeatIntervalMs: 50 });
    const deploymentId = newDeploymentId();
    for (let n = 0; n < 2; n += 1) await record(service.client, deploymentId);

    const reader = service.client.stream(streamEvents, { deploymentId, follow: true });
    const opening = await reader.until(isFrame("caughtUp"));
    const heartbeats = [await reader.next(), await reader.next()];
    reader.cancel();

    expect(opening[0]?.frame.value).toMatchObject({ heartbeatInterval: { seconds: 0n, nanos: 50_000_000 } });
    expect(heartbeats.map(frameInWords)).toEqual(["heartbeat 2 of 2", "heartbeat 2 of 2"]);
  });

  test("moves over events that do not match the filter", async () => {
    await using service = await embedService({ store, heartbeatIntervalMs: 50 });
    const deploymentId = newDeploymentId();

    const reader = service.client.stream(streamEvents, {
      deploymentId,
      follow: true,
      filter: { severityMin: Severity.ERROR },
    });
    await reader.until(isFrame("caughtUp"));
    for (let n = 0; n < 3; n += 1) await record(service.client, deploymentId);
    const frames = await reader.until(({ frame }) => frame.case === "heartbeat" && frame.value.cursor === 3n);
    reader.cancel();

    expect(frames.map(frameInWords).at(-1)).toBe("heartbeat 3 of 3");
    expect(sequencesIn(frames)).toEqual([]);
  });

  test("comes while events are streaming, with a cursor never above the head", async () => {
    await using service = await embedService({ store, heartbeatIntervalMs: 20 });
    const deploymentId = newDeploymentId();
    const reader = service.client.stream(streamEvents, { deploymentId, follow: true });
    let isDone = false;
    const writing = (async () => {
      while (!isDone) await record(service.client, deploymentId);
    })();

    const frames = await reader.until(({ frame }) => frame.case === "heartbeat" && frame.value.cursor > 0n);
    for (let n = 0; n < 2; n += 1) frames.push(...(await reader.until(isFrame("heartbeat"))));
    isDone = true;
    await writing;
    reader.cancel();

    const heartbeats = frames.flatMap(({ frame }) => (frame.case === "heartbeat" ? [frame.value] : []));
    expect(heartbeats.every(({ cursor, headSequence }) => cursor <= headSequence)).toBe(true);
    expect(heartbeats.at(-1)?.cursor).toBeGreaterThan(0n);
  });
});

describe("the age of a stream", () => {
  test("ends it with goaway and OK", async () => {
    await using service = await embedService({ streamMaxAgeMs: 200 });
    const deploymentId = newDeploymentId();
    await record(service.client, deploymentId);

    const reader = service.client.stream(streamEvents, { deploymentId, follow: true });
    const frames = await reader.rest();

    expect(frames.map(frameInWords)).toEqual(["opened after 0", "events 1", "caught_up 1 of 1", "goaway MAX_AGE at 1"]);
    expect(frames.at(-1)?.frame.value).toMatchObject({ retryDelay: { seconds: 0n, nanos: 0 } });
    expect(await reader.status).toMatchObject({ code: status.OK });
  });

  test("lies between 91 and 100 % of the setting, so that not all streams end at once", async () => {
    const draws = [1, 0];
    await using service = await embedService({ streamMaxAgeMs: 3_000, random: () => draws.shift() ?? 0 });
    const ends: string[] = [];
    const follow = async (name: string) => {
      const begunMs = performance.now();
      const reader = service.client.stream(streamEvents, { deploymentId: newDeploymentId(), follow: true });
      await reader.until(isFrame("caughtUp"));
      return { begunMs, end: reader.rest().then(() => ends.push(name)) };
    };

    const first = await follow("drew 1");
    const second = await follow("drew 0");
    await Promise.all([first.end, second.end]);

    expect(ends).toEqual(["drew 0", "drew 1"]);
    expect(performance.now() - first.begunMs).toBeGreaterThan(2_980);
  });
});

test("heartbeats and ages are as the settings say", async () => {
  await using service = await startService({ STORE: "sqlite", HEARTBEAT_SECONDS: "1", STREAM_MAX_AGE_SECONDS: "2" });
  const begunMs = performance.now();

  const reader = service.client.stream(streamEvents, { deploymentId: newDeploymentId(), follow: true });
  const frames = await reader.rest();

  expect(frames.map(frameInWords)).toEqual([
    "opened after 0",
    "caught_up 0 of 0",
    "heartbeat 0 of 0",
    "goaway MAX_AGE at 0",
  ]);
  expect(frames[0]?.frame.value).toMatchObject({ heartbeatInterval: { seconds: 1n, nanos: 0 } });
  expect(performance.now() - begunMs).toBeGreaterThan(1_800);
  expect(await reader.status).toMatchObject({ code: status.OK });
});

describe("what the followers of one deployment share", () => {
  const embedCounted = async (heartbeatIntervalMs = 15_000) => {
    let counted: CountedStore | undefined;
    const service = await embedService({
      heartbeatIntervalMs,
      around: (store) => {
        counted = countUses(store);
        return counted.store;
      },
    });
    if (counted === undefined) throw new Error("the store was not opened");
    const { counts, closed } = counted;
    return { ...service, counts, closed };
  };

  test("is one listener, which is let go with the last of them", async () => {
    await using service = await embedCounted();
    const deploymentId = newDeploymentId();
    const readers = [1, 2, 3].map(() => service.client.stream(streamEvents, { deploymentId, follow: true }));
    for (const reader of readers) await reader.until(isFrame("caughtUp"));

    const open = { ...service.counts };
    for (const reader of readers) reader.cancel();
    await service.closed(1);
    const later = service.client.stream(streamEvents, { deploymentId, follow: true });
    await later.until(isFrame("caughtUp"));
    later.cancel();
    await service.closed(2);

    expect(open).toMatchObject({ listeners: 1, closed: 0 });
    expect(service.counts).toMatchObject({ listeners: 2, closed: 2 });
  });

  test("is one read of the head in an interval", async () => {
    await using service = await embedCounted(100);
    const deploymentId = newDeploymentId();
    await record(service.client, deploymentId);

    const readers = [1, 2, 3, 4].map(() => service.client.stream(streamEvents, { deploymentId, follow: true }));
    for (const reader of readers) await reader.until(isFrame("caughtUp"));
    const before = service.counts.headReads;
    await Promise.all(
      readers.map(async (reader) => {
        // The first may share a read that began before the count.
        for (let n = 0; n < 6; n += 1) await reader.until(isFrame("heartbeat"));
      }),
    );
    const reads = service.counts.headReads - before;
    for (const reader of readers) reader.cancel();

    // Twenty-four heartbeats; a read of its own for each would be as many reads.
    expect(reads).toBeGreaterThanOrEqual(5);
    expect(reads).toBeLessThanOrEqual(10);
  });

  test("is the live events, for which nobody reads the store", async () => {
    await using service = await embedCounted();
    const deploymentId = newDeploymentId();
    const readers = [1, 2].map(() => service.client.stream(streamEvents, { deploymentId, follow: true }));
    for (const reader of readers) await reader.until(isFrame("caughtUp"));

    await record(service.client, deploymentId);
    const frames = await Promise.all(readers.map((reader) => reader.next()));
    for (const reader of readers) reader.cancel();

    expect(frames.map(frameInWords)).toEqual(["events 1", "events 1"]);
    expect(service.counts.eventReads).toBe(0);
  });

  test("is let go when the deadline of the call has passed", async () => {
    await using service = await embedCounted();

    const reader = service.client.stream(
      streamEvents,
      { deploymentId: newDeploymentId(), follow: true },
      { timeoutMs: 1_500 },
    );
    await reader.until(isFrame("caughtUp"));
    await service.closed(1);

    expect(await reader.status).toMatchObject({ code: status.DEADLINE_EXCEEDED });
  });

  test("is let go when a stream ends by itself, and when it is refused", async () => {
    await using service = await embedCounted();
    const deploymentId = newDeploymentId();
    await record(service.client, deploymentId);

    await service.client.stream(streamEvents, { deploymentId }).rest();
    await service.client.stream(streamEvents, { deploymentId: newDeploymentId() }).status;
    await service.client.stream(streamEvents, { deploymentId, afterSequence: 9n, follow: true }).status;
    await service.closed(3);

    expect(service.counts).toMatchObject({ listeners: 3, closed: 3 });
  });
});
