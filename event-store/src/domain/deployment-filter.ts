import type { Deployment } from "./deployment.ts";
import type { DeploymentState } from "./life-cycle.ts";

/** Selects deployments; the set conditions are combined by AND, empty ones match all. */
export interface DeploymentFilter {
  readonly environment: string;
  readonly service: string;
  readonly state: DeploymentState | undefined;
}

export function matchesDeployment(filter: DeploymentFilter, head: Deployment): boolean {
  return (
    (filter.environment === "" || head.environment === filter.environment) &&
    (filter.service === "" || head.service === filter.service) &&
    (filter.state === undefined || head.state === filter.state)
  );
}
