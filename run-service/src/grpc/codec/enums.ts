import type { Deployment, Outcome as DomainOutcome, Standing } from "@activity-events/event-store";
import { DeploymentStanding, DeploymentState } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { Outcome } from "@activity-events/proto/activityevents/v1/event_pb.js";

/** Domain outcomes, by the contract's numbers. */
export const outcomeOf: Readonly<Record<Outcome, DomainOutcome>> = {
  [Outcome.UNSPECIFIED]: "unspecified",
  [Outcome.SUCCESS]: "success",
  [Outcome.FAILURE]: "failure",
  [Outcome.CANCELED]: "canceled",
  [Outcome.ERROR]: "error",
};

export const wireOutcome: Readonly<Record<DomainOutcome, Outcome>> = {
  unspecified: Outcome.UNSPECIFIED,
  success: Outcome.SUCCESS,
  failure: Outcome.FAILURE,
  canceled: Outcome.CANCELED,
  error: Outcome.ERROR,
};

export const wireState: Readonly<Record<Deployment["state"], DeploymentState>> = {
  unspecified: DeploymentState.UNSPECIFIED,
  queued: DeploymentState.QUEUED,
  running: DeploymentState.RUNNING,
  finished: DeploymentState.FINISHED,
  rolled_back: DeploymentState.ROLLED_BACK,
};

export const wireStanding: Readonly<Record<Standing, DeploymentStanding>> = {
  kept: DeploymentStanding.UNSPECIFIED,
  deleted: DeploymentStanding.DELETED,
  purging: DeploymentStanding.PURGED,
  purged: DeploymentStanding.PURGED,
};

/** Domain states, by the contract's numbers; unspecified means any. */
export const stateOf: Readonly<Record<DeploymentState, Deployment["state"] | undefined>> = {
  [DeploymentState.UNSPECIFIED]: undefined,
  [DeploymentState.QUEUED]: "queued",
  [DeploymentState.RUNNING]: "running",
  [DeploymentState.FINISHED]: "finished",
  [DeploymentState.ROLLED_BACK]: "rolled_back",
};
