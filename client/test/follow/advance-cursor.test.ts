import { expect, test } from "@jest/globals";
import { type Advance, advanceCursor, type Place } from "../../src/follow/advance-cursor.ts";
import { frames } from "./frames.ts";

const at = (cursor: bigint, place: Partial<Place> = {}): Place => ({
  cursor,
  filtered: false,
  gapMetAfter: undefined,
  ...place,
});

const shown = ({ items }: Advance) => items.map((item) => (item.kind === "event" ? item.event.sequence : item.kind));

test("shows the events after the cursor and drops those that were shown", () => {
  const advance = advanceCursor(at(2n), frames.events(1, 2, 3, 4));

  expect(shown(advance)).toEqual([3n, 4n]);
  expect(advance).toMatchObject({ cursor: 4n, stoppedByGap: false });
});

test("stops before a gap, after what came before it", () => {
  const advance = advanceCursor(at(2n), frames.events(3, 5, 6));

  expect(shown(advance)).toEqual([3n]);
  expect(advance).toMatchObject({ cursor: 3n, stoppedByGap: true });
});

test("takes a cursor that is ahead of the last event for a gap", () => {
  const advance = advanceCursor(at(2n), frames.heartbeat(4n));

  expect(advance).toEqual({ items: [], cursor: 2n, stoppedByGap: true });
});

test("passes over a gap that it meets for the second time, and says so", () => {
  const advance = advanceCursor(at(2n, { gapMetAfter: 2n }), frames.events(5, 6));

  expect(advance.items[0]).toEqual({ kind: "passedOver", firstSequence: 3n, lastSequence: 4n });
  expect(shown(advance)).toEqual(["passedOver", 5n, 6n]);
  expect(advance).toMatchObject({ cursor: 6n, stoppedByGap: false });
});

test("moves over what a filter leaves out, by events and by cursors", () => {
  const place = at(2n, { filtered: true });

  const advances = [frames.events(5, 9), frames.heartbeat(12n), frames.goaway(12n)].map((frame) =>
    advanceCursor(place, frame),
  );

  expect(advances.map(({ cursor }) => cursor)).toEqual([9n, 12n, 12n]);
  expect(advances.map(shown)).toEqual([[5n, 9n], ["heartbeat"], []]);
});

test("never moves back", () => {
  const advance = advanceCursor(at(7n), frames.caughtUp(5n, 7n));

  expect(advance.cursor).toBe(7n);
});
