import { type DeploymentId, noSalt, type StoredEvent } from "@activity-events/event-store";
import { describe, expect, test } from "@jest/globals";
import { RecentEvents } from "../src/application/recent-events.ts";
import { limits } from "../src/limits.ts";
import { inRanges } from "./frame-in-words.ts";

const deploymentId = "release-42" as DeploymentId;

function stored(first: number, last = first, contentBytes = 10): StoredEvent[] {
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    eventId: `${first + index}` as StoredEvent["eventId"],
    sequence: first + index,
    receiveTimeUs: 1,
    type: "deployment.progress",
    severity: 200,
    labels: {},
    content: new Uint8Array(contentBytes),
    stamp: new Uint8Array(),
    salt: noSalt,
  }));
}

function recentWith(...added: StoredEvent[][]): RecentEvents {
  const recent = new RecentEvents(deploymentId);
  for (const events of added) recent.add(events);
  return recent;
}

const rangeAfter = (recent: RecentEvents, cursor: number) => {
  const events = recent.after(cursor);
  return events && inRanges(events.map(({ sequence }) => sequence));
};

describe("the recent events of a deployment", () => {
  test("are what follows a cursor, if the first of it is there", () => {
    const recent = recentWith(stored(5, 7), stored(8));

    expect([3, 4, 5, 7].map((cursor) => rangeAfter(recent, cursor))).toEqual([undefined, "5-8", "6-8", "8"]);
  });

  test("keep no more memory than their own bytes, whatever they were given in", () => {
    const [event] = stored(1) as [StoredEvent];
    const shared = new Uint8Array(1_000_000);

    const recent = recentWith([
      { ...event, content: shared.subarray(0, 10), stamp: shared.subarray(10, 13), salt: shared.subarray(13, 29) },
    ]);

    const [kept] = recent.after(0) as [StoredEvent];
    expect([kept.content, kept.stamp, kept.salt].map(({ length }) => length)).toEqual([10, 3, 16]);
    expect(new Set([kept.content, kept.stamp, kept.salt].map(({ buffer }) => buffer.byteLength))).toEqual(
      new Set([29]),
    );
  });

  test("are not there for a cursor at the last of them or beyond", () => {
    const recent = recentWith(stored(5, 7));

    expect([7, 8, 99].map((cursor) => rangeAfter(recent, cursor))).toEqual([undefined, undefined, undefined]);
  });

  test("are not there before anything was added", () => {
    const recent = recentWith();

    expect(rangeAfter(recent, 0)).toBeUndefined();
    expect(recent.isPast(0)).toBe(false);
  });

  test("are past a cursor whose next event is no more there", () => {
    const recent = recentWith(stored(5, 7));

    expect([3, 4, 7, 9].map((cursor) => recent.isPast(cursor))).toEqual([true, false, false, false]);
  });

  test("take each sequence once", () => {
    const recent = recentWith(stored(1, 3), stored(2, 5));

    expect(rangeAfter(recent, 0)).toBe("1-5");
  });

  test("begin anew after a gap", () => {
    const recent = recentWith(stored(1, 3), stored(6, 7));

    expect([rangeAfter(recent, 0), rangeAfter(recent, 5)]).toEqual([undefined, "6-7"]);
    expect(recent.isPast(3)).toBe(true);
  });

  test("come in frames of bounded number and size", () => {
    const small = recentWith(stored(1, limits.frameEventsMax + 1));
    const large = recentWith(stored(1, 4, 100 * 1024));
    const huge = recentWith(stored(1, 2, 300 * 1024));

    expect(rangeAfter(small, 0)).toBe(`1-${limits.frameEventsMax}`);
    expect(rangeAfter(large, 0)).toBe("1-2");
    expect(rangeAfter(huge, 0)).toBe("1");
  });

  test("are bounded in bytes: the oldest are given up, and the newest stay", () => {
    const recent = recentWith(stored(1, 2_000, 1_000));

    expect(recent.bytes).toBeLessThanOrEqual(limits.recentBytesMax);
    expect(recent.bytes).toBeGreaterThan(limits.recentBytesMax / 2);
    expect(recent.isPast(0)).toBe(true);
    expect(rangeAfter(recent, 1_999)).toBe("2000");
  });

  test("count their bytes down to nothing", () => {
    const recent = recentWith(stored(1, 3_000, 1_000));

    recent.clear();

    expect(recent.bytes).toBe(0);
    expect(rangeAfter(recent, 2_999)).toBeUndefined();
  });
});
