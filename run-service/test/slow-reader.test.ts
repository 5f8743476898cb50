import {
  ActivityEventsService,
  type StreamEventsResponse,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { describe, expect, test } from "@jest/globals";
import { frameInWords, inRanges, isFrame, sequencesIn } from "./frame-in-words.ts";
import { newDeploymentId, newEvents } from "./new-event.ts";
import { serviceOfSuite, stores } from "./start-service.ts";

const { batchCreateEvents, streamEvents } = ActivityEventsService.method;

describe.each(stores)("a follower that stops reading, on %s", (store) => {
  const service = serviceOfSuite({ STORE: store });

  /** Records so many events of 8 kB: 2,000 are more than the wire, the frames under way and the recent events hold. */
  const recordMany = async (deploymentId: string, count: number, afterEach = async (_recorded: number) => {}) => {
    const events = newEvents(deploymentId, count, { message: "m".repeat(8_000) });
    for (let from = 0; from < events.length; from += 50) {
      await service.client.call(batchCreateEvents, { deploymentId, events: events.slice(from, from + 50) });
      await afterEach(from + 50);
    }
  };

  test("is told that it fell behind, gets every event once, and is told when it has caught up", async () => {
    const deploymentId = newDeploymentId();
    const reader = service.client.stream(streamEvents, { deploymentId, follow: true });
    await reader.until(isFrame("caughtUp"));

    await recordMany(deploymentId, 2_000);
    const frames = await reader.until(({ frame }) => frame.case === "caughtUp" && frame.value.cursor === 2_000n);
    await service.client.call(batchCreateEvents, { deploymentId, events: [{ message: "one more" }] });
    const live = (await reader.until(isFrame("events"))).at(-1);
    reader.cancel();

    // On a busy machine heartbeats come in between.
    const isMark = ({ frame }: StreamEventsResponse) => frame.case !== "events" && frame.case !== "heartbeat";
    const marks = frames.filter(isMark).map(frameInWords);
    expect(inRanges(sequencesIn(frames))).toBe("1-2000");
    expect(marks.at(0)).toMatch(/^fell_behind /);
    expect(marks.at(-1)).toBe("caught_up 2000 of 2000");
    expect(marks.map((mark, index) => mark.startsWith(index % 2 === 0 ? "fell_behind" : "caught_up"))).not.toContain(
      false,
    );
    expect(live && frameInWords(live)).toBe("events 2001");
  });

  test("does not hold up the writers, nor a follower that reads, which never falls behind", async () => {
    const deploymentId = newDeploymentId();
    const slow = service.client.stream(streamEvents, { deploymentId, follow: true });
    const quick = service.client.stream(streamEvents, { deploymentId, follow: true });
    await Promise.all([slow.until(isFrame("caughtUp")), quick.until(isFrame("caughtUp"))]);

    const frames: Awaited<ReturnType<typeof quick.next>>[] = [];
    await recordMany(deploymentId, 1_000, async (recorded) => {
      while ((sequencesIn(frames.slice(-1)).at(-1) ?? 0) < recorded) frames.push(await quick.next());
    });
    quick.cancel();
    slow.cancel();

    expect(inRanges(sequencesIn(frames))).toBe("1-1000");
    expect(frames.every(({ frame }) => frame.case === "events")).toBe(true);
  });
});
