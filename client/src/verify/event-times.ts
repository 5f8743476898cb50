import { DeploymentState } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { type Event, Outcome } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { microsecondsOf } from "./microseconds-of.ts";

type Time = bigint | undefined;

/** 2000-01-01; a clock before that was never set. */
const earliestUs = 946_684_800_000_000n;
/** Longest time that a producer's clock may be ahead of the server's. */
const aheadUs = 300_000_000n;

/** Of two outcomes at the same time, the later in this order counts. */
const byWeight: readonly Outcome[] = [
  Outcome.UNSPECIFIED,
  Outcome.SUCCESS,
  Outcome.CANCELED,
  Outcome.ERROR,
  Outcome.FAILURE,
];

/** Derives the head's state, outcome and times from the event times; all in microseconds since 1970. */
export class EventTimes {
  #queued: Time;
  #started: Time;
  #finished: Time;
  #finishedOutcome = Outcome.UNSPECIFIED;
  #rolledBack: Time;
  #progress: Time;
  #failure: Time;
  #incident: Time;
  #recover: Time;
  #remove: Time;

  /** Takes the next event in sequence order. */
  take({ type, outcome, sendTime }: Event, receiveTimeUs: bigint): void {
    const sentUs = sendTime === undefined ? undefined : microsecondsOf(sendTime);
    const isUsable = sentUs !== undefined && sentUs >= earliestUs && sentUs <= receiveTimeUs + aheadUs;
    const timeUs = isUsable ? sentUs : this.#laterThanAll(receiveTimeUs);
    if (type === "deployment.queued") this.#queued = greater(this.#queued, timeUs);
    else if (type === "deployment.started") this.#started = greater(this.#started, timeUs);
    else if (type === "deployment.progress") this.#progress = greater(this.#progress, timeUs);
    else if (type === "deployment.finished") this.#finish(outcome, timeUs);
    else if (type === "deployment.rolledback") this.#rollBack(timeUs);
    else if (type === "incident.opened") this.#openIncident(timeUs);
    else if (type === "incident.resolved") this.#resolveIncident(timeUs);
    else if (type === "service.removed") this.#remove = greater(this.#remove, timeUs);
  }

  /** Derived fields, by their names in the head. */
  get shown() {
    const state = this.#state();
    const hasFinished = state === DeploymentState.FINISHED || state === DeploymentState.ROLLED_BACK;
    const [started, finished] = [this.#started, this.#finished];
    const isBeforeStart = finished !== undefined && started !== undefined && finished < started;
    const ended = state === DeploymentState.FINISHED ? this.#finishedOutcome : Outcome.UNSPECIFIED;
    return {
      state,
      outcome: state === DeploymentState.ROLLED_BACK ? Outcome.FAILURE : ended,
      startTime: started,
      finishTime: hasFinished && !isBeforeStart ? finished : undefined,
      failureTime: this.#failure,
      incidentTime: this.#incident,
      recoverTime: this.#recover,
      removeTime: this.#remove,
    };
  }

  #laterThanAll(receiveTimeUs: bigint): bigint {
    const kept = [this.#queued, this.#started, this.#finished, this.#rolledBack, this.#progress];
    const others = [this.#failure, this.#incident, this.#recover, this.#remove];
    let latest = receiveTimeUs;
    for (const time of [...kept, ...others]) if (time !== undefined && time >= latest) latest = time + 1n;
    return latest;
  }

  #finish(outcome: Outcome, timeUs: bigint): void {
    if (outcome === Outcome.FAILURE) this.#failure = lesser(this.#failure, timeUs);
    const isOutweighed = byWeight.indexOf(this.#finishedOutcome) >= byWeight.indexOf(outcome);
    if (this.#finished !== undefined && (timeUs < this.#finished || (timeUs === this.#finished && isOutweighed)))
      return;
    this.#finished = timeUs;
    this.#finishedOutcome = outcome;
  }

  #rollBack(timeUs: bigint): void {
    this.#failure = lesser(this.#failure, timeUs);
    this.#rolledBack = greater(this.#rolledBack, timeUs);
  }

  #openIncident(timeUs: bigint): void {
    this.#failure = lesser(this.#failure, timeUs);
    if (this.#recover !== undefined && timeUs <= this.#recover) return;
    this.#incident = greater(this.#incident, timeUs);
  }

  #resolveIncident(timeUs: bigint): void {
    this.#recover = greater(this.#recover, timeUs);
    if (this.#incident !== undefined && this.#incident <= this.#recover) this.#incident = undefined;
  }

  // The kind with the latest time; at equal times the later one in a deployment's life.
  #state(): DeploymentState {
    let [state, greatest]: [DeploymentState, bigint] = [DeploymentState.UNSPECIFIED, -(2n ** 63n)];
    for (const [kind, time] of [
      [DeploymentState.ROLLED_BACK, this.#rolledBack],
      [DeploymentState.FINISHED, this.#finished],
      [DeploymentState.RUNNING, this.#started],
      [DeploymentState.QUEUED, this.#queued],
    ] as const) {
      if (time !== undefined && time > greatest) [state, greatest] = [kind, time];
    }
    const isNotStarted = state === DeploymentState.QUEUED || state === DeploymentState.UNSPECIFIED;
    const isRunning = isNotStarted && this.#progress !== undefined && this.#progress > greatest;
    return isRunning ? DeploymentState.RUNNING : state;
  }
}

function greater(one: Time, other: bigint): bigint {
  return one === undefined || one < other ? other : one;
}

function lesser(one: Time, other: bigint): bigint {
  return one === undefined || one > other ? other : one;
}
