import type { MirrorEvent } from "@activity-events/event-store";
import { expect, test } from "@jest/globals";
import { nextPlaces } from "../src/next-places.ts";
import { eventId, readable, storedEvent } from "./builders.ts";

const at = (sequence: number): MirrorEvent => readable(storedEvent(sequence));
const missing = (sequence: number) => ({ kind: "missing", sequence });
const places = (afterSequence: number, headSequence: number, page: readonly MirrorEvent[], placesMax = 100) =>
  nextPlaces({ afterSequence, headSequence, page, placesMax }).places;

test("takes events as they follow each other, whether the head was read or not", () => {
  expect(places(0, 0, [at(1), at(2)])).toEqual([at(1), at(2)]);
  expect(places(7, 3, [at(8)])).toEqual([at(8)]);
});

test("stops before a hole that the head had not reached", () => {
  expect(places(0, 0, [at(1), at(3)])).toEqual([at(1)]);
  expect(places(0, 0, [at(3)])).toEqual([]);
  expect(places(0, 2, [at(4)])).toEqual([missing(1), missing(2)]);
});

test("takes for missing what the query lacks up to the head", () => {
  expect(places(0, 4, [at(1), at(4)])).toEqual([at(1), missing(2), missing(3), at(4)]);
  expect(places(4, 6, [])).toEqual([missing(5), missing(6)]);
});

test("takes nothing for missing behind the last event of a page, which may have been full", () => {
  expect(places(0, 4, [at(1), at(2)])).toEqual([at(1), at(2)]);
});

test("takes no more than it may", () => {
  expect(places(0, 9, [at(1), at(2), at(3)], 2)).toEqual([at(1), at(2)]);
  expect(places(0, 9, [at(9)], 2)).toEqual([missing(1), missing(2)]);
  expect(places(0, 9, [], 2)).toEqual([missing(1), missing(2)]);
});

test("leaves an unreadable document in its place", () => {
  const unreadable: MirrorEvent = { kind: "unreadable", eventId: eventId("u"), sequence: 2 };

  expect(places(0, 0, [at(1), unreadable, at(3)])).toEqual([at(1), unreadable, at(3)]);
});

test("passes over documents whose sequence is taken or is none, and says which", () => {
  const none: MirrorEvent = { kind: "unreadable", eventId: eventId("n"), sequence: Number.NaN };
  const half = at(1.5);

  expect(
    nextPlaces({ afterSequence: 0, headSequence: 2, page: [at(1), half, at(1), at(2), none], placesMax: 9 }),
  ).toEqual({
    places: [at(1), at(2)],
    outOfPlace: [half, at(1), none],
  });
  expect(nextPlaces({ afterSequence: 2, headSequence: 3, page: [none], placesMax: 9 })).toEqual({
    places: [missing(3)],
    outOfPlace: [none],
  });
});
