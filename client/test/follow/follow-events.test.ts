import { collect } from "@activity-events/testing/collect";
import { expect, test } from "@jest/globals";
import { ActivityEventsError, type Refusal } from "../../src/activity-events-error.ts";
import { BackOff } from "../../src/calls/back-off.ts";
import { CursorAheadError } from "../../src/follow/cursor-ahead-error.ts";
import type { EventFrame } from "../../src/follow/event-frames.ts";
import { type FollowOptions, followEvents } from "../../src/follow/follow-events.ts";
import type { FollowItem } from "../../src/follow/follow-item.ts";
import { frames } from "./frames.ts";

type Script = readonly (EventFrame | Refusal)[];

/** Follows over streams that bring these frames, or end with these refusals, one stream after the other. */
function follow(scripts: readonly Script[], options: Partial<FollowOptions> = {}) {
  const cursors: bigint[] = [];
  const stop = new AbortController();
  async function* openStream(afterSequence: bigint) {
    const script = scripts[cursors.push(afterSequence) - 1];
    if (script === undefined) return stop.abort();
    for (const step of script) {
      if ("code" in step) throw new ActivityEventsError(step);
      yield step;
    }
  }
  const backOff = new BackOff({ firstMs: 1, maxMs: 2 });
  const items = followEvents({
    openStream,
    afterSequence: 0n,
    filtered: false,
    backOff,
    signal: stop.signal,
    ...options,
  });
  return { items: collect(items), cursors };
}

const words = (items: readonly FollowItem[]) =>
  items.map((item) => (item.kind === "event" ? `event ${item.event.sequence}` : item.kind));

const away: Refusal = { code: "UNAVAILABLE", message: "away" };

test("goes on after its cursor when the server is lost, and says when it is lost and when it is back", async () => {
  const { items, cursors } = follow([
    [frames.opened(), frames.events(1, 2), away],
    [away],
    [frames.opened(2n), frames.caughtUp(2n), frames.events(3)],
  ]);

  const told = words(await items);

  expect(told.slice(0, 7)).toEqual([
    "event 1",
    "event 2",
    "disconnected",
    "disconnected",
    "reconnected",
    "caughtUp",
    "event 3",
  ]);
  expect(cursors).toEqual([0n, 2n, 2n, 3n]);
});

test("counts the attempts since the server was lost and tells why each failed", async () => {
  const { items } = follow([[away], [{ ...away, code: "RESOURCE_EXHAUSTED" }], [frames.opened(), away]]);

  const lost = (await items).filter((item) => item.kind === "disconnected");

  expect(lost.slice(0, 3).map(({ attempt, error }) => [attempt, error.code])).toEqual([
    [1, "UNAVAILABLE"],
    [2, "RESOURCE_EXHAUSTED"],
    [1, "UNAVAILABLE"],
  ]);
});

test("waits longer from attempt to attempt, and only a moment again once a stream has brought something", async () => {
  const backOff = new BackOff({ firstMs: 1, maxMs: 64, random: () => 1 });
  const { items } = follow([[away], [away], [away], [frames.opened(), away]], { backOff });

  const lost = (await items).filter((item) => item.kind === "disconnected");

  expect(lost.slice(0, 4).map(({ retryDelayMs }) => retryDelayMs)).toEqual([1, 2, 4, 1]);
});

test("opens another stream after a goaway, no sooner than it was asked to, and says nothing of it", async () => {
  const startMs = performance.now();
  const { items, cursors } = follow([[frames.opened(), frames.events(1), frames.goaway(1n, 150)], [frames.events(2)]]);

  const told = words(await items);

  expect(told.slice(0, 2)).toEqual(["event 1", "event 2"]);
  expect(cursors[1]).toBe(1n);
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(149);
});

test("reads again from before a gap, and shows what comes then", async () => {
  const { items, cursors } = follow([[frames.events(1, 3)], [frames.events(2, 3)]]);

  const told = words(await items);

  expect(told.slice(0, 3)).toEqual(["event 1", "event 2", "event 3"]);
  expect(cursors).toEqual([0n, 1n, 3n]);
});

test("passes over what the store lacks for the second time", async () => {
  const { items } = follow([[frames.events(1, 3)], [frames.events(3, 4)]]);

  const told = words(await items);

  expect(told.slice(0, 4)).toEqual(["event 1", "passedOver", "event 3", "event 4"]);
});

test("fails with CursorAheadError when the server knows fewer events than were shown", async () => {
  const refusal: Refusal = { code: "OUT_OF_RANGE", reason: "CURSOR_AHEAD", message: "2 is above the head sequence 1" };
  const { items } = follow([[frames.events(1, 2), away], [refusal]]);

  const error = await items.catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(CursorAheadError);
  expect(error).toMatchObject({ ...refusal, cursor: 2n });
});

test("fails at once when the request itself is refused", async () => {
  const { items, cursors } = follow([[{ code: "INVALID_ARGUMENT", message: "no such id" }]]);

  await expect(items).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  expect(cursors).toHaveLength(1);
});

test("ends at once, also while it waits, when it is stopped", async () => {
  const stop = new AbortController();
  const { items } = follow([[{ ...away, retryDelayMs: 60_000 }]], { signal: stop.signal });

  setTimeout(() => stop.abort(), 20);

  expect(words(await items)).toEqual(["disconnected"]);
});
