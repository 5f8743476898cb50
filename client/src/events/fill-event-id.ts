import { type Event, EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { clone, create, isMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { v7 as uuidv7 } from "uuid";

/** Fields of an event that a producer sets; every field may be left out. */
export type EventInit = MessageInitShape<typeof EventSchema>;

/** The event with an id, a new UUIDv7 when it has none: sent again, it is then the same event. */
export function fillEventId(init: EventInit): Event {
  if (init.eventId) return create(EventSchema, init);
  const eventId = uuidv7();
  // `create` hands a whole event back as it is, and that one belongs to the caller.
  return isMessage(init, EventSchema)
    ? Object.assign(clone(EventSchema, init), { eventId })
    : create(EventSchema, { ...init, eventId });
}
