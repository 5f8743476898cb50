import type { DocumentData, DocumentSnapshot, QueryDocumentSnapshot } from "@google-cloud/firestore";
import { type Deployment, deploymentStates } from "../domain/deployment.ts";
import { type NewEvent, outcomes, type StoredEvent } from "../domain/event.ts";
import { fingerprint } from "../domain/fingerprint.ts";
import type { DeploymentId, EventId } from "../domain/identifiers.ts";
import { damageAt } from "../store-error.ts";
import { bytesIn, integerIn, labelsIn, oneOf, sequenceIn, textIn, timeIn } from "./stored-values.ts";
import { timestampOf } from "./timestamps.ts";

/** The document `deployments/{d}`. `mirror_pending` makes it the outbox: only the sweep takes that back. */
export function headDocument(head: Deployment, commitId: string): DocumentData {
  return {
    head_sequence: head.headSequence,
    state: head.state,
    outcome: head.outcome,
    environment: head.environment,
    service: head.service,
    revision: head.revision,
    create_time: timestampOf(head.createTimeUs),
    start_time: head.startTimeUs === undefined ? null : timestampOf(head.startTimeUs),
    finish_time: head.finishTimeUs === undefined ? null : timestampOf(head.finishTimeUs),
    update_time: timestampOf(head.updateTimeUs),
    mirror_pending: true,
    commit_id: commitId,
  };
}

/** Undefined: there is no such document. Throws STORE_DAMAGED for one that no head was ever stored as. */
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
      startTimeUs: data.start_time === null ? undefined : timeIn(data.start_time),
      finishTimeUs: data.finish_time === null ? undefined : timeIn(data.finish_time),
      updateTimeUs: timeIn(data.update_time),
    };
  } catch (cause) {
    throw damageAt({ deploymentId }, `the head of ${deploymentId} is none that was stored`, { cause });
  }
}

/**
 * The document `deployments/{d}/events/{e}`. Content and stamp are the truth; beside them stands what queries and a person
 * in the console need. Labels are JSON, since Firestore refuses some of their keys as field names.
 */
export function eventDocument(event: NewEvent, stored: StoredEvent, commitId: string): DocumentData {
  return {
    sequence: stored.sequence,
    receive_time: timestampOf(stored.receiveTimeUs),
    type: stored.type,
    severity: stored.severity,
    labels: JSON.stringify(stored.labels),
    fingerprint: fingerprint(event.content),
    content: stored.content,
    stamp: stored.stamp,
    commit_id: commitId,
  };
}

/** An event's document, as far as an append has to know it. */
export interface EventDocument {
  readonly stored: StoredEvent;
  readonly fingerprint: Uint8Array;
  readonly commitId: string;
}

/** Undefined: there is no such document. Throws STORE_DAMAGED for one that no event was ever stored as. */
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
    };
    return { stored, fingerprint: bytesIn(data.fingerprint), commitId: textIn(data.commit_id) };
  } catch (cause) {
    const deploymentId = snapshot.ref.parent.parent?.id as DeploymentId;
    const place = Number.isSafeInteger(data.sequence) ? { deploymentId, sequence: data.sequence } : { deploymentId };
    throw damageAt(place, `event ${snapshot.id} of ${deploymentId} is none that was stored`, { cause });
  }
}

/** An upper bound of what an event takes in a commit request: its name, its native fields and their names included. */
export function requestBytesMax(deploymentId: DeploymentId, event: NewEvent): number {
  const names = deploymentId.length + event.eventId.length + 200;
  const fields = event.facts.type.length * 3 + JSON.stringify(event.facts.labels).length * 3 + 400;
  return names + fields + event.content.length + event.stamp.length;
}
