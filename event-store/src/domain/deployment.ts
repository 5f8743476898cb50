import type { EventFacts, Outcome } from "./event.ts";
import type { DeploymentId } from "./identifiers.ts";

export const deploymentStates = ["unspecified", "queued", "running", "finished", "rolled_back"] as const;
export type DeploymentState = (typeof deploymentStates)[number];

/** The head of a deployment: what its events add up to. Times are receive times in microseconds since 1970. */
export interface Deployment {
  readonly deploymentId: DeploymentId;
  readonly headSequence: number;
  readonly state: DeploymentState;
  readonly outcome: Outcome;
  readonly environment: string;
  readonly service: string;
  readonly revision: string;
  readonly createTimeUs: number;
  readonly startTimeUs: number | undefined;
  readonly finishTimeUs: number | undefined;
  readonly updateTimeUs: number;
}

/** The head after one more event; `head` is undefined before the first. The one fold that every adapter uses. */
export function foldEvent(
  head: Deployment | undefined,
  deploymentId: DeploymentId,
  facts: EventFacts,
  receiveTimeUs: number,
): Deployment {
  const before = head ?? emptyHead(deploymentId, receiveTimeUs);
  return {
    ...before,
    ...lifeCycleChange(facts, receiveTimeUs),
    headSequence: before.headSequence + 1,
    environment: facts.environment || before.environment,
    service: facts.service || before.service,
    revision: facts.revision || before.revision,
    updateTimeUs: Math.max(before.updateTimeUs, receiveTimeUs),
  };
}

function emptyHead(deploymentId: DeploymentId, receiveTimeUs: number): Deployment {
  return {
    deploymentId,
    headSequence: 0,
    state: "unspecified",
    outcome: "unspecified",
    environment: "",
    service: "",
    revision: "",
    createTimeUs: receiveTimeUs,
    startTimeUs: undefined,
    finishTimeUs: undefined,
    updateTimeUs: receiveTimeUs,
  };
}

function lifeCycleChange(facts: EventFacts, receiveTimeUs: number): Partial<Deployment> {
  switch (facts.type) {
    case "deployment.queued":
      return { state: "queued" };
    case "deployment.started":
      return { state: "running", startTimeUs: receiveTimeUs, outcome: "unspecified", finishTimeUs: undefined };
    case "deployment.finished":
      return { state: "finished", outcome: facts.outcome, finishTimeUs: receiveTimeUs };
    case "deployment.rolledback":
      return { state: "rolled_back" };
    default:
      return {};
  }
}
