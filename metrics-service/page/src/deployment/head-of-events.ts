import type { EventJson } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { Head } from "../live/head.ts";
import { microsecondsOf } from "../time/microseconds.ts";

type State = NonNullable<Head["state"]>;
type Outcome = NonNullable<Head["outcome"]>;

/** 2000-01-01 in µs; a clock before that was never set. */
const earliestUs = 946_684_800_000_000;
/** Longest time that a producer's clock may be ahead of the server's, in µs. */
const aheadUs = 300_000_000;

/** Of two outcomes at the same time, the later in this order counts. */
const byWeight: readonly Outcome[] = [
  "OUTCOME_UNSPECIFIED",
  "OUTCOME_SUCCESS",
  "OUTCOME_CANCELED",
  "OUTCOME_ERROR",
  "OUTCOME_FAILURE",
];

/** What the page shows of a deployment, from all its events. Times are event times in µs since 1970. */
export interface FoldedHead extends Pick<Head, "environment" | "service" | "revision" | "actor" | "commit" | "url"> {
  readonly state: State;
  readonly outcome: Outcome;
  readonly startUs: number | undefined;
  readonly finishUs: number | undefined;
  /** Event time of each event, in the order of the events. */
  readonly eventTimesUs: readonly number[];
}

interface Times {
  queued: number;
  started: number;
  finished: number;
  rolledBack: number;
  progress: number;
  finishedAs: Outcome;
}

const never = Number.NEGATIVE_INFINITY;

/** Folds events, which are all of a deployment in sequence order, as the service does. */
export function headOfEvents(events: readonly EventJson[]): FoldedHead {
  const times: Times = {
    queued: never,
    started: never,
    finished: never,
    rolledBack: never,
    progress: never,
    finishedAs: "OUTCOME_UNSPECIFIED",
  };
  const eventTimesUs: number[] = [];
  let greatestUs = never;
  for (const event of events) {
    const timeUs = eventTimeUs(event, greatestUs);
    eventTimesUs.push(timeUs);
    if (addTo(times, event, timeUs)) greatestUs = Math.max(greatestUs, timeUs);
  }
  const state = stateOf(times);
  const hasFinished = state === "DEPLOYMENT_STATE_FINISHED" || state === "DEPLOYMENT_STATE_ROLLED_BACK";
  return {
    ...lastValues(events),
    state,
    outcome: outcomeOf(state, times),
    startUs: known(times.started),
    finishUs: hasFinished && times.finished >= times.started ? known(times.finished) : undefined,
    eventTimesUs,
  };
}

/** Send time of an event, if usable; otherwise its receive time, but later than all times that the head keeps. */
function eventTimeUs({ sendTime, receiveTime }: EventJson, greatestUs: number): number {
  const receivedUs = microsecondsOf(receiveTime) ?? 0;
  const sentUs = microsecondsOf(sendTime);
  if (sentUs !== undefined && sentUs >= earliestUs && sentUs <= receivedUs + aheadUs) return sentUs;
  return Math.max(receivedUs, greatestUs + 1);
}

/** Adds an event to the times. Returns true if the head keeps its time. */
function addTo(times: Times, { type, outcome = "OUTCOME_UNSPECIFIED" }: EventJson, timeUs: number): boolean {
  switch (type) {
    case "deployment.queued":
      times.queued = Math.max(times.queued, timeUs);
      return true;
    case "deployment.started":
      times.started = Math.max(times.started, timeUs);
      return true;
    case "deployment.progress":
      times.progress = Math.max(times.progress, timeUs);
      return true;
    case "deployment.rolledback":
      times.rolledBack = Math.max(times.rolledBack, timeUs);
      return true;
    case "deployment.finished": {
      const isHeavier = byWeight.indexOf(outcome) > byWeight.indexOf(times.finishedAs);
      if (timeUs > times.finished || (timeUs === times.finished && isHeavier)) times.finishedAs = outcome;
      times.finished = Math.max(times.finished, timeUs);
      return true;
    }
    default:
      return type === "incident.opened" || type === "incident.resolved" || type === "service.removed";
  }
}

/** The kind with the latest time; at equal times the later one in a deployment's life. */
function stateOf({ queued, started, finished, rolledBack, progress }: Times): State {
  const greatest = Math.max(queued, started, finished, rolledBack);
  if (rolledBack === greatest && greatest > never) return "DEPLOYMENT_STATE_ROLLED_BACK";
  if (finished === greatest && greatest > never) return "DEPLOYMENT_STATE_FINISHED";
  if (started === greatest && greatest > never) return "DEPLOYMENT_STATE_RUNNING";
  if (progress > greatest) return "DEPLOYMENT_STATE_RUNNING";
  return greatest > never ? "DEPLOYMENT_STATE_QUEUED" : "DEPLOYMENT_STATE_UNSPECIFIED";
}

function outcomeOf(state: State, { finishedAs }: Times): Outcome {
  if (state === "DEPLOYMENT_STATE_ROLLED_BACK") return "OUTCOME_FAILURE";
  return state === "DEPLOYMENT_STATE_FINISHED" ? finishedAs : "OUTCOME_UNSPECIFIED";
}

/** The last value of each field that has one. */
function lastValues(events: readonly EventJson[]) {
  const values: { -readonly [name in (typeof named)[number]]?: string } = {};
  for (const event of events) for (const name of named) if (event[name]) values[name] = event[name];
  return values;
}

const named = ["environment", "service", "revision", "actor", "commit", "url"] as const;

function known(timeUs: number): number | undefined {
  return timeUs === never ? undefined : timeUs;
}
