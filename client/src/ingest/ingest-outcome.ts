import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { ActivityEventsError } from "../activity-events-error.ts";

/** Outcome of one event; `event` is the one that was sent, with its id. */
export type IngestOutcome =
  /** It is stored, and will not be lost. */
  | {
      readonly kind: "stored";
      readonly event: Event;
      readonly sequence: bigint;
      readonly receiveTime: Timestamp | undefined;
      /**
       * It was stored before, with the same content. An event without an id gets one here, and what was stored under it is
       * this sink's own: it never counts as a duplicate.
       */
      readonly duplicate: boolean;
      /**
       * It was sent more than once, since a connection was lost before the acknowledgement came: a duplicate may then be
       * this sink's own earlier attempt, which nobody can tell.
       */
      readonly resent: boolean;
    }
  /** It is not stored and never will be as it is: INVALID_ARGUMENT or ALREADY_EXISTS, as from `createEvent`. */
  | { readonly kind: "refused"; readonly event: Event; readonly error: ActivityEventsError };
