import type { EventFacts, Outcome } from "./event.ts";
import { eventTime } from "./event-time.ts";
import type { HistoryHash } from "./history-hash.ts";
import type { DeploymentId } from "./identifiers.ts";
import {
  type DeploymentState,
  greater,
  type KindTimes,
  kindTimesOfShown,
  lifeCycleOf,
  noKindTimes,
  withEvent,
} from "./life-cycle.ts";

/** The head of a deployment: what its events add up to. Times are in microseconds since 1970. */
export interface Deployment {
  readonly deploymentId: DeploymentId;
  readonly headSequence: number;
  readonly state: DeploymentState;
  readonly outcome: Outcome;
  readonly environment: string;
  readonly service: string;
  readonly revision: string;
  readonly actor: string;
  readonly commit: string;
  readonly commitTimeUs: number | undefined;
  readonly url: string;
  /** Receive times: of the first event, and the latest of all. */
  readonly createTimeUs: number;
  readonly updateTimeUs: number;
  /** Event times from here on. */
  readonly startTimeUs: number | undefined;
  readonly finishTimeUs: number | undefined;
  /** The first failure, roll-back or incident. */
  readonly failureTimeUs: number | undefined;
  /** The last incident that was opened after all that were resolved. */
  readonly incidentTimeUs: number | undefined;
  /** The last incident that was resolved. */
  readonly recoverTimeUs: number | undefined;
  readonly removeTimeUs: number | undefined;
  /** What state, outcome, start and finish follow from. */
  readonly kindTimes: KindTimes;
  /** The sequence up to which `kindTimes` are kept; another one than the head's: a program that kept none wrote since. */
  readonly foldedSequence: number;
  /** Undefined: no event was stored by a program that knows it. */
  readonly historyHash: HistoryHash | undefined;
}

/** The head after one more event, and with it this history hash; `head` is undefined before the first. The one fold of every adapter. */
export function foldEvent(
  head: Deployment | undefined,
  deploymentId: DeploymentId,
  facts: EventFacts,
  receiveTimeUs: number,
  historyHash: HistoryHash | undefined = head?.historyHash,
): Deployment {
  const before = head ?? emptyHead(deploymentId, receiveTimeUs);
  const timesBefore =
    before.foldedSequence === before.headSequence ? before.kindTimes : kindTimesOfShown(before, before);
  const timeUs = eventTime(facts.sendTime, receiveTimeUs, greatestTime(before, timesBefore));
  const kindTimes = withEvent(timesBefore, facts.type, facts.outcome, timeUs);
  const { state, outcome, startTimeUs, finishTimeUs } =
    kindTimes === before.kindTimes ? before : lifeCycleOf(kindTimes);
  const { failureTimeUs, incidentTimeUs, recoverTimeUs, removeTimeUs } = incidentTimes(before, facts, timeUs);
  const commit = facts.commit || before.commit;
  // Another commit was made at another time, which may not be known.
  const commitTimeUs = facts.commitTimeUs ?? (commit === before.commit ? before.commitTimeUs : undefined);
  const headSequence = before.headSequence + 1;
  // One spread, and each field by name: this is done for each event, and further spreads take three times as long.
  return {
    ...before,
    headSequence,
    state,
    outcome,
    environment: facts.environment || before.environment,
    service: facts.service || before.service,
    revision: facts.revision || before.revision,
    actor: facts.actor || before.actor,
    commit,
    commitTimeUs,
    url: facts.url || before.url,
    updateTimeUs: Math.max(before.updateTimeUs, receiveTimeUs),
    startTimeUs,
    finishTimeUs,
    failureTimeUs,
    incidentTimeUs,
    recoverTimeUs,
    removeTimeUs,
    kindTimes,
    foldedSequence: headSequence,
    historyHash,
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
    actor: "",
    commit: "",
    commitTimeUs: undefined,
    url: "",
    createTimeUs: receiveTimeUs,
    updateTimeUs: receiveTimeUs,
    startTimeUs: undefined,
    finishTimeUs: undefined,
    failureTimeUs: undefined,
    incidentTimeUs: undefined,
    recoverTimeUs: undefined,
    removeTimeUs: undefined,
    kindTimes: noKindTimes,
    foldedSequence: 0,
    historyHash: undefined,
  };
}

/** Minus infinity: there is none. */
function greatestTime(head: Deployment, times: KindTimes): number {
  const none = Number.NEGATIVE_INFINITY;
  return Math.max(
    times.queued ?? none,
    times.started ?? none,
    times.finished ?? none,
    times.rolledBack ?? none,
    times.progress ?? none,
    head.failureTimeUs ?? none,
    head.incidentTimeUs ?? none,
    head.recoverTimeUs ?? none,
    head.removeTimeUs ?? none,
  );
}

type IncidentTimes = Pick<Deployment, "failureTimeUs" | "incidentTimeUs" | "recoverTimeUs" | "removeTimeUs">;

function incidentTimes(before: Deployment, { type, outcome }: EventFacts, timeUs: number): IncidentTimes {
  const failureTimeUs = Math.min(before.failureTimeUs ?? timeUs, timeUs);
  switch (type) {
    case "deployment.finished":
      return outcome === "failure" ? { ...before, failureTimeUs } : before;
    case "deployment.rolledback":
      return { ...before, failureTimeUs };
    case "incident.opened": {
      const isOpen = before.recoverTimeUs === undefined || timeUs > before.recoverTimeUs;
      const incidentTimeUs = isOpen ? greater(before.incidentTimeUs, timeUs) : before.incidentTimeUs;
      return { ...before, failureTimeUs, incidentTimeUs };
    }
    case "incident.resolved": {
      const recoverTimeUs = greater(before.recoverTimeUs, timeUs);
      const isOpen = before.incidentTimeUs !== undefined && before.incidentTimeUs > recoverTimeUs;
      return { ...before, recoverTimeUs, incidentTimeUs: isOpen ? before.incidentTimeUs : undefined };
    }
    case "service.removed":
      return { ...before, removeTimeUs: greater(before.removeTimeUs, timeUs) };
    default:
      return before;
  }
}
