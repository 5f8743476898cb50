import type { Deployment } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import type { Disconnected } from "../calls/across-reconnects.ts";

/** Item of a watch: what the deployments are now, or a change of the connection. */
export type WatchItem =
  /** Heads as they were when read; a later one of the same deployment is at least as new. */
  | { readonly kind: "deployments"; readonly deployments: readonly Deployment[] }
  /** These do not match any more, or are gone; they may never have been shown. */
  | { readonly kind: "left"; readonly deploymentIds: readonly string[] }
  /** The heads of these are damaged in the store; `getDeployment` fails with DATA_LOSS and says more. */
  | { readonly kind: "damaged"; readonly deploymentIds: readonly string[] }
  /** Everything that the store held is shown; later items are changes. Comes again after `fellBehind` and a reconnect. */
  | { readonly kind: "caughtUp" }
  /** The reader is too slow, or the server may have missed changes: everything is shown again. */
  | { readonly kind: "fellBehind" }
  /** The server is alive. */
  | { readonly kind: "heartbeat" }
  | Disconnected
  /** The watch is open again: everything is shown again. */
  | { readonly kind: "reconnected" };
