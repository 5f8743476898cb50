import type { DeploymentFilter } from "@activity-events/event-store";
import type { DeploymentFilter as WireFilter } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { DeploymentState } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { limits } from "../../limits.ts";
import { stateOf } from "../codec/enums.ts";
import type { Violations } from "./violations.ts";

/** Parses the filter of a request for deployments, with broken rules noted under their paths. */
export function parseDeploymentFilter(filter: WireFilter | undefined, violations: Violations): DeploymentFilter {
  const { environment = "", service = "", state = DeploymentState.UNSPECIFIED } = filter ?? {};
  violations.checkBytes("filter.environment", environment, limits.stringBytesMax);
  violations.checkBytes("filter.service", service, limits.stringBytesMax);
  if (DeploymentState[state] === undefined) {
    violations.add("filter.state", `must be a DeploymentState of the contract; found ${state}`);
  }
  return { environment, service, state: stateOf[state] };
}
