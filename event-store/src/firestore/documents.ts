import { type DocumentData, type DocumentSnapshot, Timestamp } from "@google-cloud/firestore";
import type { Deployment, DeploymentState } from "../domain/deployment.ts";
import type { NewEvent, Outcome, StoredEvent } from "../domain/event.ts";
import { fingerprint } from "../domain/fingerprint.ts";
import type { DeploymentId, EventId } from "../domain/identifiers.ts";

/** Whole microseconds, which is what Firestore keeps of a time. */
export function timestampOf(timeUs: number): Timestamp {
  const seconds = Math.floor(timeUs / 1_000_000);
  return new Timestamp(seconds, (timeUs - seconds * 1_000_000) * 1_000);
}

export function microsecondsOf({ seconds, nanoseconds }: Timestamp): number {
  return seconds * 1_000_000 + Math.floor(nanoseconds / 1_000);
}

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

export function deploymentOf(snapshot: DocumentSnapshot): Deployment | undefined {
  const data = snapshot.data();
  if (data === undefined) return undefined;
  return {
    deploymentId: snapshot.id as DeploymentId,
    headSequence: data.head_sequence as number,
    state: data.state as DeploymentState,
    outcome: data.outcome as Outcome,
    environment: data.environment as string,
    service: data.service as string,
    revision: data.revision as string,
    createTimeUs: microsecondsOf(data.create_time),
    startTimeUs: data.start_time === null ? undefined : microsecondsOf(data.start_time),
    finishTimeUs: data.finish_time === null ? undefined : microsecondsOf(data.finish_time),
    updateTimeUs: microsecondsOf(data.update_time),
  };
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

export function eventDocumentOf(snapshot: DocumentSnapshot): EventDocument | undefined {
  const data = snapshot.data();
  if (data === undefined) return undefined;
  const stored: StoredEvent = {
    eventId: snapshot.id as EventId,
    sequence: data.sequence as number,
    receiveTimeUs: microsecondsOf(data.receive_time),
    type: data.type as string,
    severity: data.severity as number,
    labels: JSON.parse(data.labels as string),
    content: bytesOf(data.content),
    stamp: bytesOf(data.stamp),
  };
  return { stored, fingerprint: bytesOf(data.fingerprint), commitId: data.commit_id as string };
}

// A plain array of bytes, as the other stores give it.
function bytesOf(value: unknown): Uint8Array {
  return new Uint8Array(value as Uint8Array);
}

/** An upper bound of what an event takes in a commit request: its name, its native fields and their names included. */
export function requestBytesMax(deploymentId: DeploymentId, event: NewEvent): number {
  const names = deploymentId.length + event.eventId.length + 200;
  const fields = event.facts.type.length * 3 + JSON.stringify(event.facts.labels).length * 3 + 400;
  return names + fields + event.content.length + event.stamp.length;
}
