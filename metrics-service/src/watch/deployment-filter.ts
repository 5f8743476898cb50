import type { HeldDeployment } from "./held-deployment.ts";

/** Chooses deployments; undefined matches all. */
export interface DeploymentFilter {
  readonly environment: string | undefined;
  readonly service: string | undefined;
  readonly state: HeldDeployment["state"] | undefined;
  /** Earliest creation that a list shows, in microseconds since 1970. It does not bound changes, as in WatchDeployments. */
  readonly createTimeFromUs: number;
}

/** Tells whether a deployment matches, whenever it was created. */
export function matches(filter: DeploymentFilter, { environment, service, state }: HeldDeployment): boolean {
  return (
    (filter.environment === undefined || filter.environment === environment) &&
    (filter.service === undefined || filter.service === service) &&
    (filter.state === undefined || filter.state === state)
  );
}
