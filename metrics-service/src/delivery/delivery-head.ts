/** Fields of a deployment's head that the delivery metrics need. Times are in whole microseconds since 1970. */
export interface DeliveryHead {
  readonly deploymentId: string;
  /** Empty if no event names one. */
  readonly service: string;
  readonly environment: string;
  readonly state: DeliveryState;
  readonly outcome: DeliveryOutcome;
  readonly createTimeUs: number;
  readonly startTimeUs: number | undefined;
  readonly finishTimeUs: number | undefined;
  readonly commitTimeUs: number | undefined;
  /** First failure, rollback or incident. */
  readonly failureTimeUs: number | undefined;
  /** Last resolved incident. */
  readonly recoverTimeUs: number | undefined;
}

export type DeliveryState = "unspecified" | "queued" | "running" | "finished" | "rolled_back";
export type DeliveryOutcome = "unspecified" | "success" | "failure" | "canceled" | "error";

/** Whether the deployment is under way. */
export function isInFlight({ state }: DeliveryHead): boolean {
  return state === "queued" || state === "running";
}

/** Whether the deployment succeeded; it may have failed, too. */
export function hasSucceeded({ state, outcome }: DeliveryHead): boolean {
  return state === "finished" && outcome === "success";
}
