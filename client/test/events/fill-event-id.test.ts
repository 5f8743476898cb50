import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create } from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import { fillEventId } from "../../src/events/fill-event-id.ts";

test("gives an event without an id a new UUIDv7 and leaves the caller's own event as it is", () => {
  const event = create(EventSchema, { message: "built" });

  const filled = [fillEventId(event), fillEventId(event)];

  expect(filled[0]?.eventId).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  expect(filled[0]?.eventId).not.toBe(filled[1]?.eventId);
  expect(event.eventId).toBe("");
});

test("leaves an id that was given", () => {
  const event = fillEventId({ eventId: "build-1" });

  expect(event.eventId).toBe("build-1");
});
