import type { DocumentData, DocumentSnapshot, QueryDocumentSnapshot, Timestamp } from "@google-cloud/firestore";
import { type Deployment, type Standing, standings } from "../domain/deployment.ts";
import { type EventFacts, outcomes, type StoredEvent } from "../domain/event.ts";
import { type HistoryHash, noSalt } from "../domain/history-hash.ts";
import type { DeploymentId, EventId } from "../domain/identifiers.ts";
import { deploymentStates, type KindTimes, noKindTimes } from "../domain/life-cycle.ts";
import type { Redaction } from "../domain/redaction.ts";
import { damageAt, StoreFaultError } from "../store-error.ts";
import { fingerprint } from "./fingerprint.ts";
import {
  bytesIn,
  hashIn,
  integerIn,
  keyIdIn,
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
    ...standingFields(head, commitId),
  };
}

/** The fields of a head that change with its standing alone: an older version may have written the others. */
export function standingFields({ edits, standing }: Deployment, commitId: string): DocumentData {
  return { edits, standing, mirror_pending: true, commit_id: commitId };
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
      edits: optional(integerIn, data.edits) ?? 0,
      standing: optional(standingIn, data.standing) ?? "kept",
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

/**
 * The standing in a head and nothing else of it; kept if there is no document, because events without a head are for the
 * readers to judge. Throws STORE_DAMAGED if there is another value.
 */
export function standingOf(snapshot: DocumentSnapshot): Standing {
  try {
    return optional(standingIn, snapshot.get("standing")) ?? "kept";
  } catch (cause) {
    throw damagedHead(snapshot.id as DeploymentId, cause);
  }
}

function standingIn(value: unknown): Standing {
  return oneOf(standings, value);
}

/** The sequence in the document `mirrors/{d}`, 0 if there is none. Throws STORE_DAMAGED for anything but a whole number. */
export function mirroredSequenceOf(snapshot: DocumentSnapshot): number {
  const mirroredSequence: unknown = snapshot.exists ? snapshot.get("mirrored_sequence") : 0;
  // Changed by hand: with any other value a run would find nothing to do.
  if (Number.isSafeInteger(mirroredSequence)) return mirroredSequence as number;
  throw new StoreFaultError("STORE_DAMAGED", `mirrors/${snapshot.id} has no mirrored_sequence that is a whole number`);
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
export function eventDocument({ stored, historyHash }: WrittenEvent, commitId: string): DocumentData {
  return {
    sequence: stored.sequence,
    receive_time: timestampOf(stored.receiveTimeUs),
    ...contentFields(stored),
    history_hash: historyHash ?? null,
    commit_id: commitId,
  };
}

/** An event to write, with the history hash after it, if any. */
interface WrittenEvent {
  readonly stored: StoredEvent;
  readonly historyHash: Uint8Array | undefined;
}

/** The document of an event that another store exported; the mirror marks its message. */
export function importedEventDocument(event: WrittenEvent, commitId: string): DocumentData {
  return { ...eventDocument(event, commitId), imported: true };
}

/** The fields that an event's content makes, which a redaction writes anew. */
export function contentFields(stored: StoredEvent): DocumentData {
  const { type, severity, labels, content, stamp, salt, redaction } = stored;
  return {
    type,
    severity,
    labels: JSON.stringify(labels),
    fingerprint: fingerprint(content),
    content,
    stamp,
    ...(redaction === undefined ? { salt } : redactionFields(redaction)),
  };
}

function redactionFields({ commitment, keyId, contentMac }: Redaction): DocumentData {
  return { salt: null, commitment, mac_key_id: keyId, content_mac: contentMac };
}

/** Parts of an event's document that an append needs. */
export interface EventDocument {
  readonly stored: StoredEvent;
  readonly fingerprint: Uint8Array;
  readonly commitId: string;
  /** Undefined if a program without history hashes stored the event. */
  readonly historyHash: Uint8Array | undefined;
  /** True if another store exported the event. */
  readonly imported: boolean;
}

/** Parses an event; undefined if there is no document. Throws STORE_DAMAGED if it was never stored as an event. */
export function eventDocumentOf(snapshot: QueryDocumentSnapshot): EventDocument;
export function eventDocumentOf(snapshot: DocumentSnapshot): EventDocument | undefined;
export function eventDocumentOf(snapshot: DocumentSnapshot): EventDocument | undefined {
  const data = snapshot.data();
  if (data === undefined) return undefined;
  try {
    const redaction = optional(hashIn, data.commitment) === undefined ? undefined : redactionIn(data);
    const stored: StoredEvent = {
      eventId: snapshot.id as EventId,
      sequence: sequenceIn(data.sequence),
      receiveTimeUs: timeIn(data.receive_time),
      type: textIn(data.type),
      severity: integerIn(data.severity),
      labels: labelsIn(data.labels),
      content: bytesIn(data.content),
      stamp: bytesIn(data.stamp),
      salt: redaction === undefined ? (optional(saltIn, data.salt) ?? noSalt) : new Uint8Array(),
      ...(redaction && { redaction }),
    };
    const kept = bytesIn(data.fingerprint);
    if (Buffer.compare(kept, fingerprint(stored.content)) !== 0)
      throw new Error("its content is not that of its fingerprint");
    const historyHash = optional(hashIn, data.history_hash);
    return {
      stored,
      fingerprint: kept,
      commitId: textIn(data.commit_id),
      historyHash,
      imported: data.imported === true,
    };
  } catch (cause) {
    const deploymentId = snapshot.ref.parent.parent?.id as DeploymentId;
    const place = Number.isSafeInteger(data.sequence) ? { deploymentId, sequence: data.sequence } : { deploymentId };
    throw damageAt(place, `event ${snapshot.id} of ${deploymentId} is not as it was stored`, { cause });
  }
}

function redactionIn(data: DocumentData): Redaction {
  return {
    commitment: hashIn(data.commitment),
    keyId: keyIdIn(data.mac_key_id),
    contentMac: hashIn(data.content_mac),
  };
}

/** Returns an upper bound of an event's bytes in a commit request, including its names and native fields. */
export function requestBytesMax(
  deploymentId: DeploymentId,
  event: Pick<StoredEvent, "eventId" | "content" | "stamp">,
  { type, labels }: Pick<EventFacts, "type" | "labels">,
): number {
  const names = deploymentId.length + event.eventId.length + 200;
  const fields = type.length * 3 + JSON.stringify(labels).length * 3 + 500;
  return names + fields + event.content.length + event.stamp.length;
}
