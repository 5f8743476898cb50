import type { Outcome } from "./event.ts";

export const deploymentStates = ["unspecified", "queued", "running", "finished", "rolled_back"] as const;
export type DeploymentState = (typeof deploymentStates)[number];

/** Latest event time of each kind of event, in microseconds since 1970; undefined if there was none. */
export interface KindTimes {
  readonly queued: number | undefined;
  readonly started: number | undefined;
  readonly finished: number | undefined;
  /** Outcome of the event of `finished`. */
  readonly finishedOutcome: Outcome;
  readonly rolledBack: number | undefined;
  readonly progress: number | undefined;
}

/** Life-cycle fields of a deployment, derived only from the times of its kinds. */
export interface LifeCycle {
  readonly state: DeploymentState;
  readonly outcome: Outcome;
  readonly startTimeUs: number | undefined;
  readonly finishTimeUs: number | undefined;
}

export const noKindTimes: KindTimes = {
  queued: undefined,
  started: undefined,
  finished: undefined,
  finishedOutcome: "unspecified",
  rolledBack: undefined,
  progress: undefined,
};

/** Of two outcomes at the same time, the later in this order counts. */
const byWeight: readonly Outcome[] = ["unspecified", "success", "canceled", "error", "failure"];

/** Adds one more event of this type to the times; returns the same object for other types. */
export function withEvent(times: KindTimes, type: string, outcome: Outcome, timeUs: number): KindTimes {
  switch (type) {
    case "deployment.queued":
      return { ...times, queued: greater(times.queued, timeUs) };
    case "deployment.started":
      return { ...times, started: greater(times.started, timeUs) };
    case "deployment.progress":
      return { ...times, progress: greater(times.progress, timeUs) };
    case "deployment.rolledback":
      return { ...times, rolledBack: greater(times.rolledBack, timeUs) };
    case "deployment.finished":
      return isOutweighed(times, outcome, timeUs) ? times : { ...times, finished: timeUs, finishedOutcome: outcome };
    default:
      return times;
  }
}

function isOutweighed({ finished, finishedOutcome }: KindTimes, outcome: Outcome, timeUs: number): boolean {
  if (finished === undefined || timeUs > finished) return false;
  return timeUs < finished || byWeight.indexOf(finishedOutcome) >= byWeight.indexOf(outcome);
}

/** Returns the later of two times, either of which may be unknown. */
export function greater(one: number | undefined, other: number): number {
  return one === undefined ? other : Math.max(one, other);
}

/** Derives the life-cycle fields from these times. */
export function lifeCycleOf(times: KindTimes): LifeCycle {
  const { started, finished, finishedOutcome } = times;
  const state = stateOf(times);
  const hasFinished = state === "finished" || state === "rolled_back";
  const isBeforeStart = finished !== undefined && started !== undefined && finished < started;
  return {
    state,
    outcome: state === "rolled_back" ? "failure" : state === "finished" ? finishedOutcome : "unspecified",
    startTimeUs: started,
    finishTimeUs: hasFinished && !isBeforeStart ? finished : undefined,
  };
}

// The kind with the latest time; at equal times the later one in a deployment's life.
function stateOf({ queued, started, finished, rolledBack, progress }: KindTimes): DeploymentState {
  let state: DeploymentState = "unspecified";
  let greatest = Number.NEGATIVE_INFINITY;
  if (queued !== undefined) [state, greatest] = ["queued", queued];
  if (started !== undefined && started >= greatest) [state, greatest] = ["running", started];
  if (finished !== undefined && finished >= greatest) [state, greatest] = ["finished", finished];
  if (rolledBack !== undefined && rolledBack >= greatest) [state, greatest] = ["rolled_back", rolledBack];
  const isNotStarted = state === "queued" || state === "unspecified";
  return isNotStarted && progress !== undefined && progress > greatest ? "running" : state;
}

/**
 * Derives the times of a head from its visible fields, for a head written by a program without them. Raises the time of
 * the visible state if needed, so that the head shows the same.
 */
export function kindTimesOfShown(
  { state, outcome, startTimeUs: started, finishTimeUs: finished }: LifeCycle,
  { createTimeUs, updateTimeUs }: { readonly createTimeUs: number; readonly updateTimeUs: number },
): KindTimes {
  const shown = {
    ...noKindTimes,
    started,
    finished,
    finishedOutcome: finished === undefined ? "unspecified" : outcome,
  };
  const reached = Math.max(started ?? 0, finished ?? 0);
  switch (state) {
    case "queued":
      return { ...shown, queued: Math.max(createTimeUs, reached + 1) };
    case "running":
      // Without a start only progress makes a deployment run, and a running deployment shows no finish.
      return { ...noKindTimes, started, progress: started === undefined ? updateTimeUs : undefined };
    case "finished":
      return { ...shown, finished: Math.max(finished ?? updateTimeUs, reached), finishedOutcome: outcome };
    case "rolled_back":
      return { ...shown, rolledBack: Math.max(updateTimeUs, reached) };
    case "unspecified":
      return shown;
  }
}
