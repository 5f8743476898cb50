import type { DeploymentJson } from "@activity-events/proto/activityevents/v1/deployment_pb.js";

/** State and outcome of a deployment as the page names them. */
export type Condition = "unknown" | "queued" | "running" | "succeeded" | "failed" | "canceled" | "error" | "rolledBack";

/** Words of the conditions. */
export const conditionWords: Readonly<Record<Condition, string>> = {
  unknown: "Recorded",
  queued: "Queued",
  running: "Running",
  succeeded: "Succeeded",
  failed: "Failed",
  canceled: "Canceled",
  error: "Error",
  rolledBack: "Rolled back",
};

/** Returns the condition of a head. */
export function conditionOf({ state, outcome }: Pick<DeploymentJson, "state" | "outcome">): Condition {
  switch (state) {
    case "DEPLOYMENT_STATE_QUEUED":
      return "queued";
    case "DEPLOYMENT_STATE_RUNNING":
      return "running";
    case "DEPLOYMENT_STATE_ROLLED_BACK":
      return "rolledBack";
    case "DEPLOYMENT_STATE_FINISHED":
      return finishedAs(outcome);
    default:
      return "unknown";
  }
}

/** True while the deployment is under way. */
export function isInFlight(condition: Condition): boolean {
  return condition === "queued" || condition === "running";
}

function finishedAs(outcome: DeploymentJson["outcome"]): Condition {
  switch (outcome) {
    case "OUTCOME_FAILURE":
      return "failed";
    case "OUTCOME_CANCELED":
      return "canceled";
    case "OUTCOME_ERROR":
      return "error";
    default:
      return "succeeded";
  }
}
