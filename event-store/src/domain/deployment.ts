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

/** Head of a deployment: the fold of its events. Times are in microseconds since 1970. */
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
  /** Receive times of the first event and the latest. */
  readonly createTimeUs: number;
  readonly updateTimeUs: number;
  /** Event times, from here on. */
  readonly startTimeUs: number | undefined;
  readonly finishTimeUs: number | undefined;
  /** First failure, rollback or incident. */
  readonly failureTimeUs: number | undefined;
  /** Last opened incident after all resolved ones. */
  readonly incidentTimeUs: number | undefined;
  /** Last resolved incident. */
  readonly recoverTimeUs: number | undefined;
  readonly removeTimeUs: number | undefined;
  /** Source of state, outcome, start and finish. */
  readonly kindTimes: KindTimes;
  /** Sequence up to which `kindTimes` are current; differs from the head's if a program without them wrote later. */
  readonly foldedSequence: number;
  /** Undefined if no program that knows it has stored an event. */
  readonly historyHash: HistoryHash | undefined;
  /** Number of redactions, deletions and the like. What was read of the deployment under another number may be gone. */
  readonly edits: number;
  readonly standing: Standing;
}

/**
 * Standing of a deployment: kept; deleted, that is hidden until it is undeleted; purging, while its events are removed; and purged,
 * when only its head is left. Purging and purged are for ever.
 */
export type Standing = (typeof standings)[number];
export const standings = ["kept", "deleted", "purging", "purged"] as const;

/** Tells whether a deployment's events are gone for good, or on their way. */
export function isPurged({ standing }: Pick<Deployment, "standing">): boolean {
  return standing === "purging" || standing === "purged";
}

/**
 * Folds one more event, with this history hash, into the head; `head` is undefined before the first. The fold of every
 * adapter.
 */
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
  // Another commit has another time, which may be unknown.
  const commitTimeUs = facts.commitTimeUs ?? (commit === before.commit ? before.commitTimeUs : undefined);
  const headSequence = before.headSequence + 1;
  // One spread and fields by name: this runs for each event, and further spreads take three times as long.
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

/** Returns a head without events, as it is before the first and after a purge. */
export function emptyHead(deploymentId: DeploymentId, receiveTimeUs: number): Deployment {
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
    edits: 0,
    standing: "kept",
  };
}

/** Minus infinity if there is none. */
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
