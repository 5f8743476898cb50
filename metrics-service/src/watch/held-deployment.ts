import { type Deployment, DeploymentSchema, DeploymentState, Outcome } from "@activity-events/client";
import { toJson } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { DeliveryHead } from "../delivery/delivery-head.ts";

/** A head as it is held: the fields that are computed with, and its proto JSON. Times are in whole microseconds since 1970. */
export interface HeldDeployment extends DeliveryHead {
  readonly updateTimeUs: number;
  readonly removeTimeUs: number | undefined;
  /** Text of the head as proto JSON, ready to be sent: one head may go to many sockets. */
  readonly json: string;
}

const states: Readonly<Record<DeploymentState, HeldDeployment["state"]>> = {
  [DeploymentState.UNSPECIFIED]: "unspecified",
  [DeploymentState.QUEUED]: "queued",
  [DeploymentState.RUNNING]: "running",
  [DeploymentState.FINISHED]: "finished",
  [DeploymentState.ROLLED_BACK]: "rolled_back",
};

const outcomes: Readonly<Record<Outcome, HeldDeployment["outcome"]>> = {
  [Outcome.UNSPECIFIED]: "unspecified",
  [Outcome.SUCCESS]: "success",
  [Outcome.FAILURE]: "failure",
  [Outcome.CANCELED]: "canceled",
  [Outcome.ERROR]: "error",
};

/** Converts a head of the wire. A state or outcome of a later version counts as unspecified. */
export function heldDeployment(head: Deployment): HeldDeployment {
  return {
    deploymentId: head.deploymentId,
    environment: head.environment,
    service: head.service,
    state: stateOf(head.state),
    outcome: outcomes[head.outcome] ?? "unspecified",
    createTimeUs: microseconds(head.createTime) ?? 0,
    updateTimeUs: microseconds(head.updateTime) ?? 0,
    startTimeUs: microseconds(head.startTime),
    finishTimeUs: microseconds(head.finishTime),
    commitTimeUs: microseconds(head.commitTime),
    failureTimeUs: microseconds(head.failureTime),
    recoverTimeUs: microseconds(head.recoverTime),
    removeTimeUs: microseconds(head.removeTime),
    json: JSON.stringify(toJson(DeploymentSchema, head)),
  };
}

/** Converts a state of the wire; one of a later version is unspecified. */
export function stateOf(state: DeploymentState): HeldDeployment["state"] {
  return states[state] ?? "unspecified";
}

function microseconds(time: Timestamp | undefined): number | undefined {
  return time === undefined ? undefined : Number(time.seconds) * 1_000_000 + Math.floor(time.nanos / 1_000);
}
