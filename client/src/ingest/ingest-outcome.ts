import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { ActivityEventsError } from "../activity-events-error.ts";

/** Outcome of one event; `event` is the event sent, with its id. */
export type IngestOutcome =
  /** The event is stored and will not be lost. */
  | {
      readonly kind: "stored";
      readonly event: Event;
      readonly sequence: bigint;
      readonly receiveTime: Timestamp | undefined;
      /**
       * True if the event was stored before with the same content. Never true for an event whose id this sink made: only the
       * sink itself can have stored it.
       */
      readonly duplicate: boolean;
      /**
       * True if the event was sent more than once, because a connection was lost before its acknowledgement. A duplicate may
       * then be this sink's own first attempt.
       */
      readonly resent: boolean;
    }
  /** The event is refused for good: INVALID_ARGUMENT or ALREADY_EXISTS, as from `createEvent`. */
  | { readonly kind: "refused"; readonly event: Event; readonly error: ActivityEventsError };
