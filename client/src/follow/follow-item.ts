import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { ActivityEventsError } from "../activity-events-error.ts";

/** Item of a follower, in order: an event of the deployment, or news of the reading. */
export type FollowItem =
  /** The next event; each one comes once. */
  | { readonly kind: "event"; readonly event: Event }
  /** Everything up to the head, as the store had it after the stream was opened, has been shown; what follows is live. */
  | { readonly kind: "caughtUp"; readonly cursor: bigint; readonly headSequence: bigint }
  /** The reader was too slow for the live events and gets them from the store; nothing is left out. */
  | { readonly kind: "fellBehind"; readonly cursor: bigint; readonly headSequence: bigint }
  /** The server lives; a cursor that equals the head proves that nothing is missing. */
  | { readonly kind: "heartbeat"; readonly cursor: bigint; readonly headSequence: bigint }
  /** The store lacks these sequences: they were missing when the stream was opened a second time, too. */
  | { readonly kind: "passedOver"; readonly firstSequence: bigint; readonly lastSequence: bigint }
  /** The stream was lost, or could not be opened for the `attempt`th time; the next attempt comes after the delay. */
  | {
      readonly kind: "disconnected";
      readonly error: ActivityEventsError;
      readonly attempt: number;
      readonly retryDelayMs: number;
    }
  /** The stream is open again, after the cursor. */
  | { readonly kind: "reconnected"; readonly cursor: bigint };
