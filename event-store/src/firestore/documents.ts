import type { DocumentData, DocumentSnapshot, QueryDocumentSnapshot, Timestamp } from "@google-cloud/firestore";
import type { EventWrite } from "../domain/append.ts";
import type { Deployment } from "../domain/deployment.ts";
import { type NewEvent, outcomes, type StoredEvent } from "../domain/event.ts";
import { type HistoryHash, noSalt } from "../domain/history-hash.ts";
import type { DeploymentId, EventId } from "../domain/identifiers.ts";
import { deploymentStates, type KindTimes, noKindTimes } from "../domain/life-cycle.ts";
import { damageAt, type StoreFaultError } from "../store-error.ts";
import { fingerprint } from "./fingerprint.ts";
import {
  bytesIn,
  hashIn,
  integerIn,
  labelsIn,
  mapIn,
  oneOf,
  optional,
  saltIn,
  sequenceIn,
  textIn,
  timeIn,
} from "./stored-values.ts";
import { timestampOf } from "./timestamps.ts";

/** The document `deployments/{d}`. `mirror_pending` makes it the outbox; only the sweep clears it. */
export function headDocument(head: Deployment, commitId: string): DocumentData {
  return {
    head_sequence: head.headSequence,
    state: head.state,
    outcome: head.outcome,
    environment: head.environment,
    service: head.service,
    revision: head.revision,
    actor: head.actor,
    commit: head.commit,
    commit_time: timeOrNull(head.commitTimeUs),
    url: head.url,
    create_time: timestampOf(head.createTimeUs),
    update_time: timestampOf(head.updateTimeUs),
    start_time: timeOrNull(head.startTimeUs),
    finish_time: timeOrNull(head.finishTimeUs),
    failure_time: timeOrNull(head.failureTimeUs),
    incident_time: timeOrNull(head.incidentTimeUs),
    recover_time: timeOrNull(head.recoverTimeUs),
    remove_time: timeOrNull(head.removeTimeUs),
    folded_sequence: head.foldedSequence,
    folded: {
      queued: timeOrNull(head.kindTimes.queued),
      started: timeOrNull(head.kindTimes.started),
      finished: timeOrNull(head.kindTimes.finished),
      finished_outcome: head.kindTimes.finishedOutcome,
      rolled_back: timeOrNull(head.kindTimes.rolledBack),
      progress: timeOrNull(head.kindTimes.progress),
    },
    history_hash: head.historyHash?.hash ?? null,
    history_hash_sequence: head.historyHash?.sequence ?? null,
    history_hash_from: head.historyHash?.from ?? null,
    mirror_pending: true,
    commit_id: commitId,
  };
}

function timeOrNull(timeUs: number | undefined): Timestamp | null {
  return timeUs === undefined ? null : timestampOf(timeUs);
}

/** Parses a head; undefined if there is no document. Throws STORE_DAMAGED if it was never stored as a head. */
export function deploymentOf(snapshot: DocumentSnapshot): Deployment | undefined {
  const data = snapshot.data();
  if (data === undefined) return undefined;
  const deploymentId = snapshot.id as DeploymentId;
  try {
    return {
      deploymentId,
      headSequence: sequenceIn(data.head_sequence),
      state: oneOf(deploymentStates, data.state),
      outcome: oneOf(outcomes, data.outcome),
      environment: textIn(data.environment),
      service: textIn(data.service),
      revision: textIn(data.revision),
      createTimeUs: timeIn(data.create_time),
      updateTimeUs: timeIn(data.update_time),
      startTimeUs: optional(timeIn, data.start_time),
      finishTimeUs: optional(timeIn, data.finish_time),
      // Heads of older versions lack the following.
      actor: optional(textIn, data.actor) ?? "",
      commit: optional(textIn, data.commit) ?? "",
      commitTimeUs: optional(timeIn, data.commit_time),
      url: optional(textIn, data.url) ?? "",
      failureTimeUs: optional(timeIn, data.failure_time),
      incidentTimeUs: optional(timeIn, data.incident_time),
      recoverTimeUs: optional(timeIn, data.recover_time),
      removeTimeUs: optional(timeIn, data.remove_time),
      kindTimes: optional(kindTimesIn, data.folded) ?? noKindTimes,
      foldedSequence: optional(sequenceIn, data.folded_sequence) ?? 0,
      historyHash: optional(hashIn, data.history_hash) === undefined ? undefined : historyHashIn(data),
    };
  } catch (cause) {
    throw damagedHead(deploymentId, cause);
  }
}

/** The sequence in a head, 0 if there is no document. Throws STORE_DAMAGED if it has none. */
export function headSequenceOf(snapshot: DocumentSnapshot): number {
  if (!snapshot.exists) return 0;
  try {
    return sequenceIn(snapshot.get("head_sequence"));
  } catch (cause) {
    throw damagedHead(snapshot.id as DeploymentId, cause);
  }
}

function damagedHead(deploymentId: DeploymentId, cause: unknown): StoreFaultError {
  return damageAt({ deploymentId }, `the head of ${deploymentId} is not as it was stored`, { cause });
}

function kindTimesIn(value: unknown): KindTimes {
  const { queued, started, finished, finished_outcome, rolled_back, progress } = mapIn(value);
  return {
    queued: optional(timeIn, queued),
    started: optional(timeIn, started),
    finished: optional(timeIn, finished),
    finishedOutcome: oneOf(outcomes, finished_outcome),
    rolledBack: optional(timeIn, rolled_back),
    progress: optional(timeIn, progress),
  };
}

function historyHashIn(data: DocumentData): HistoryHash {
  return {
    hash: hashIn(data.history_hash),
    sequence: sequenceIn(data.history_hash_sequence),
    from: sequenceIn(data.history_hash_from),
  };
}

/**
 * The document `deployments/{d}/events/{e}`. Content and stamp are the truth; the other fields are for queries and for
 * people in the console. Labels are JSON, because Firestore refuses some of their keys as field names.
 */
export function eventDocument({ event, stored, historyHash }: EventWrite, commitId: string): DocumentData {
  return {
    sequence: stored.sequence,
    receive_time: timestampOf(stored.receiveTimeUs),
    type: stored.type,
    severity: stored.severity,
    labels: JSON.stringify(stored.labels),
    fingerprint: fingerprint(event.content),
    content: stored.content,
    stamp: stored.stamp,
    salt: stored.salt,
    history_hash: historyHash,
    commit_id: commitId,
  };
}

/** Parts of an event's document that an append needs. */
export interface EventDocument {
  readonly stored: StoredEvent;
  readonly fingerprint: Uint8Array;
  readonly commitId: string;
  /** Undefined if a program without history hashes stored the event. */
  readonly historyHash: Uint8Array | undefined;
}

/** Parses an event; undefined if there is no document. Throws STORE_DAMAGED if it was never stored as an event. */
export function eventDocumentOf(snapshot: QueryDocumentSnapshot): EventDocument;
export function eventDocumentOf(snapshot: DocumentSnapshot): EventDocument | undefined;
export function eventDocumentOf(snapshot: DocumentSnapshot): EventDocument | undefined {
  const data = snapshot.data();
  if (data === undefined) return undefined;
  try {
    const stored: StoredEvent = {
      eventId: snapshot.id as EventId,
      sequence: sequenceIn(data.sequence),
      receiveTimeUs: timeIn(data.receive_time),
      type: textIn(data.type),
      severity: integerIn(data.severity),
      labels: labelsIn(data.labels),
      content: bytesIn(data.content),
      stamp: bytesIn(data.stamp),
      salt: optional(saltIn, data.salt) ?? noSalt,
    };
    const kept = bytesIn(data.fingerprint);
    if (Buffer.compare(kept, fingerprint(stored.content)) !== 0)
      throw new Error("its content is not that of its fingerprint");
    const historyHash = optional(hashIn, data.history_hash);
    return { stored, fingerprint: kept, commitId: textIn(data.commit_id), historyHash };
  } catch (cause) {
    const deploymentId = snapshot.ref.parent.parent?.id as DeploymentId;
    const place = Number.isSafeInteger(data.sequence) ? { deploymentId, sequence: data.sequence } : { deploymentId };
    throw damageAt(place, `event ${snapshot.id} of ${deploymentId} is not as it was stored`, { cause });
  }
}

/** Returns an upper bound of an event's bytes in a commit request, including its names and native fields. */
export function requestBytesMax(deploymentId: DeploymentId, event: NewEvent): number {
  const names = deploymentId.length + event.eventId.length + 200;
  const fields = event.facts.type.length * 3 + JSON.stringify(event.facts.labels).length * 3 + 400;
  return names + fields + event.content.length + event.stamp.length;
}
