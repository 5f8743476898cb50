import { type Event, EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { clone, create, type MessageInitShape } from "@bufbuild/protobuf";
import { v7 } from "uuid";

/** What a producer says of an event; every field may be left out. */
export type EventInit = MessageInitShape<typeof EventSchema>;

/** The event with an id, a new UUIDv7 when it has none: sent again, it is then the same event. */
export function fillEventId(init: EventInit): Event {
  const event = create(EventSchema, init);
  if (event.eventId !== "") return event;
  // `create` hands a whole event back as it is, and that one belongs to the caller.
  return Object.assign(clone(EventSchema, event), { eventId: v7() });
}
