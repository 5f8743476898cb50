import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create } from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import { checkEventInit } from "../../src/events/check-event-init.ts";
import { type EventInit, fillEventId } from "../../src/events/fill-event-id.ts";
import { takeEvent } from "../../src/ingest/take-event.ts";

const fieldsOf = (init: unknown) =>
  checkEventInit(init, "events[3]").map(({ field }) => field.replace("events[3].", ""));

test("finds nothing in an event as its type says, nor in one that is a message already", () => {
  const init: EventInit = {
    eventId: "e",
    message: undefined as never,
    data: { a: [1] },
    labels: { a: "b" },
    sendTime: { seconds: 1n },
    severity: 200,
    outcome: 0,
  };

  expect([fieldsOf({}), fieldsOf(init), fieldsOf(create(EventSchema, init)), fieldsOf(fillEventId({}))]).toEqual([
    [],
    [],
    [],
    [],
  ]);
});

test.each<[string, unknown, string]>([
  ["a list as data", { data: [1] }, "data"],
  ["a text as data", { data: "s" }, "data"],
  ["a number as data", { data: 5 }, "data"],
  ["a map as labels", { labels: new Map([["a", "b"]]) }, "labels"],
  ["a list as labels", { labels: ["x"] }, "labels"],
  ["a text as labels", { labels: "ab" }, "labels"],
  ["a date as time", { sendTime: new Date() }, "send_time"],
  ["a text as time", { sendTime: "2026-11-20T10:00:00Z" }, "send_time"],
  ["nothing as time", { sendTime: {} }, "send_time"],
  ["parts of a nanosecond", { sendTime: { seconds: 1n, nanos: 1.5 } }, "send_time"],
  ["the name of a severity", { severity: "ERROR" }, "severity"],
  ["the name of an outcome", { outcome: "OUTCOME_SUCCESS" }, "outcome"],
  ["a misspelt name", { mesage: "x" }, "mesage"],
  ["the contract's name for a field", { deployment_id: "x" }, "deployment_id"],
])("finds %s", (_, init, field) => {
  expect(fieldsOf(init)).toEqual([field]);
});

test.each([[null], [undefined], ["event"], [7]])("finds that %p is no event", (init) => {
  expect(checkEventInit(init, "event")).toEqual([{ field: "event", description: "must be an event" }]);
});

test("an event that is not one is refused among others, and known by its ids", () => {
  const named = takeEvent({ eventId: "e", deploymentId: "d", data: [1] as never });
  const none = takeEvent(null as never);

  expect(named.event).toMatchObject({ eventId: "e", deploymentId: "d" });
  expect(named.encoded).toMatchObject({ code: "INVALID_ARGUMENT", violations: [{ field: "event.data" }] });
  expect(none.encoded).toMatchObject({ code: "INVALID_ARGUMENT", violations: [{ field: "event" }] });
});
