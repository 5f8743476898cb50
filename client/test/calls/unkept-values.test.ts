import {
  BatchCreateEventsRequestSchema,
  StreamEventsRequestSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, type JsonObject } from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import { unkeptValues } from "../../src/calls/unkept-values.ts";

const half = "x\ud83d";

/** The fields of an event that are not kept. */
const fieldsOf = (init: object) =>
  unkeptValues(EventSchema, create(EventSchema, init), "event").map(({ field }) => field);

const dataOf = (k: unknown) => fieldsOf({ data: { k } as JsonObject });

test("finds half of a surrogate pair in every text of an event", () => {
  const texts = ["eventId", "message", "source", "actor", "environment", "service", "revision", "commit", "url"];

  expect(texts.flatMap((name) => fieldsOf({ [name]: half }))).toEqual(
    texts.map((name) => `event.${name === "eventId" ? "event_id" : name}`),
  );
  expect(fieldsOf({ labels: { a: half, [half]: "b" } })).toEqual([
    'event.labels["a"]',
    String.raw`event.labels["x\ud83d"]`,
  ]);
});

test("finds it in data: in keys and values at any depth", () => {
  expect(dataOf(["whole", { inner: half }])).toEqual(["event.data.k[1].inner"]);
  expect(dataOf({ [half]: 1 })).toEqual([String.raw`event.data.k["x\ud83d"]`]);
});

test.each([
  ["a negative zero", -0],
  ["NaN", Number.NaN],
  ["an infinity", Number.NEGATIVE_INFINITY],
  ["nothing", undefined],
  ["a bigint", 1n],
  ["a date", new Date()],
  ["a map", new Map()],
  ["bytes", new Uint8Array()],
  ["a function", () => 1],
])("finds %s in data, which would be stored as something else", (_, value) => {
  expect([dataOf(value), dataOf([value]), dataOf({ inner: value })]).toEqual([
    ["event.data.k"],
    ["event.data.k[0]"],
    ["event.data.k.inner"],
  ]);
});

test("finds a value that holds itself", () => {
  const loop: unknown[] = [];
  loop.push(loop);

  expect(dataOf(loop)).toHaveLength(1);
});

test("finds no fault with whole text and JSON", () => {
  const data = {
    text: "👍🏽 \u2028 \0",
    zero: 0,
    list: [null, true, 1e300, {}, []],
    ["__proto__"]: { constructor: 1 },
  };

  expect(fieldsOf({ message: "👍🏽", labels: { ["__proto__"]: "x" }, data, sendTime: { seconds: 1n } })).toEqual([]);
});

test("finds what is wrong anywhere in a request, and says where", () => {
  const batch = create(BatchCreateEventsRequestSchema, { events: [{ message: "m" }, { message: half }] });
  const stream = create(StreamEventsRequestSchema, { filter: { labels: { a: half } } });

  expect(unkeptValues(BatchCreateEventsRequestSchema, batch)).toMatchObject([{ field: "events[1].message" }]);
  expect(unkeptValues(StreamEventsRequestSchema, stream)).toMatchObject([{ field: 'filter.labels["a"]' }]);
});
