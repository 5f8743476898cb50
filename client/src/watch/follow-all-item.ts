import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { ActivityEventsError } from "../activity-events-error.ts";
import type { Disconnected } from "../calls/across-reconnects.ts";

/** Item of a follower of all deployments: an event, or a change of its progress or connection. */
export type FollowAllItem =
  /** The next event of its deployment; each comes once. */
  | { readonly kind: "event"; readonly event: Event }
  /** The store lacks these sequences: a second stream did not have them either. */
  | {
      readonly kind: "passedOver";
      readonly deploymentId: string;
      readonly firstSequence: bigint;
      readonly lastSequence: bigint;
    }
  /** The store has damaged data of the deployment, which the error names; what is readable behind it follows. */
  | { readonly kind: "damaged"; readonly deploymentId: string; readonly error: ActivityEventsError | undefined }
  /** Everything that the store held when the watch opened is shown; later events are live. */
  | { readonly kind: "caughtUp" }
  /** The server is alive. */
  | { readonly kind: "heartbeat" }
  | Disconnected
  /** The watch, or the stream of a deployment, is open again. */
  | { readonly kind: "reconnected" };
