import type { DeploymentJson } from "@activity-events/proto/activityevents/v1/deployment_pb.js";

/** Head of a deployment as it comes over the wire, with its id. */
export type Head = DeploymentJson & { readonly deploymentId: string };
