import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { Disconnected } from "../calls/across-reconnects.ts";

/** Item of a follower: an event, or a change of its progress or connection. */
export type FollowItem =
  /** The next event; each comes once. */
  | { readonly kind: "event"; readonly event: Event }
  /** Everything up to the head that the store had after the stream opened has been shown; later events are live. */
  | { readonly kind: "caughtUp"; readonly cursor: bigint; readonly headSequence: bigint }
  /** The reader is too slow for live events and gets them from the store, without a gap. */
  | { readonly kind: "fellBehind"; readonly cursor: bigint; readonly headSequence: bigint }
  /** The server is alive. A cursor equal to the head proves that nothing is missing. */
  | { readonly kind: "heartbeat"; readonly cursor: bigint; readonly headSequence: bigint }
  /** The store lacks these sequences: a second stream did not have them either. */
  | { readonly kind: "passedOver"; readonly firstSequence: bigint; readonly lastSequence: bigint }
  | Disconnected
  /** The stream is open again and continues after the cursor. */
  | { readonly kind: "reconnected"; readonly cursor: bigint };
