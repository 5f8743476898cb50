import { type Event, EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { clone, create, isMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { v7 as uuidv7 } from "uuid";

/** Fields of an event that a producer sets; all are optional. */
export type EventInit = MessageInitShape<typeof EventSchema>;

/** Returns the event with an id, a new UUIDv7 if it has none, so that a retry sends the same event. */
export function fillEventId(init: EventInit): Event {
  if (init.eventId) return create(EventSchema, init);
  const eventId = uuidv7();
  // `create` returns a message unchanged, and that object belongs to the caller.
  return isMessage(init, EventSchema)
    ? Object.assign(clone(EventSchema, init), { eventId })
    : create(EventSchema, { ...init, eventId });
}
