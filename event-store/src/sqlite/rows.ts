import type { Deployment, DeploymentState } from "../domain/deployment.ts";
import type { Outcome, StoredEvent } from "../domain/event.ts";
import type { DeploymentId, EventId } from "../domain/identifiers.ts";

/** The columns of an event that is read, in the order of StoredEventRow. */
export const storedEventColumns = "event_id, sequence, receive_time_us, type, severity, labels, content, stamp";

type StoredEventRow = readonly [string, number, number, string, number, string | null, Uint8Array, Uint8Array];

const noLabels: StoredEvent["labels"] = {};

export function storedEventOf(row: unknown): StoredEvent {
  const [eventId, sequence, receiveTimeUs, type, severity, labels, content, stamp] = row as StoredEventRow;
  return {
    eventId: eventId as EventId,
    sequence,
    receiveTimeUs,
    type,
    severity,
    labels: labels === null ? noLabels : JSON.parse(labels),
    content,
    stamp,
  };
}

export function labelsColumn(labels: StoredEvent["labels"]): string | null {
  for (const _ in labels) return JSON.stringify(labels);
  return null;
}

/** The columns of a head, in the order of DeploymentRow. */
export const deploymentColumns = `number, deployment_id, head_sequence, state, outcome, environment, service, revision,
  create_time_us, start_time_us, finish_time_us, update_time_us`;

type DeploymentRow = readonly [
  number,
  string,
  number,
  string,
  string,
  string,
  string,
  string,
  number,
  number | null,
  number | null,
  number,
];

/** A head and the number by which its events refer to it. */
export interface NumberedDeployment {
  readonly number: number;
  readonly head: Deployment;
}

export function numberedDeploymentOf(row: unknown): NumberedDeployment {
  const [number, id, headSequence, state, outcome, environment, service, revision, create, start, finish, update] =
    row as DeploymentRow;
  const head: Deployment = {
    deploymentId: id as DeploymentId,
    headSequence,
    state: state as DeploymentState,
    outcome: outcome as Outcome,
    environment,
    service,
    revision,
    createTimeUs: create,
    startTimeUs: start ?? undefined,
    finishTimeUs: finish ?? undefined,
    updateTimeUs: update,
  };
  return { number, head };
}

/** The columns of a head that never change; two indexes are made of them. */
export const createdColumns = "deployment_id, create_time_us";

export function createdValues(head: Deployment): [string, number] {
  return [head.deploymentId, head.createTimeUs];
}

/** The columns of a head that its events change. */
export const foldedColumns = `head_sequence, state, outcome, environment, service, revision,
  start_time_us, finish_time_us, update_time_us`;

export function foldedValues(head: Deployment): (string | number | null)[] {
  return [
    head.headSequence,
    head.state,
    head.outcome,
    head.environment,
    head.service,
    head.revision,
    head.startTimeUs ?? null,
    head.finishTimeUs ?? null,
    head.updateTimeUs,
  ];
}
