import type { Deployment, DeploymentState } from "../domain/deployment.ts";
import type { Outcome, StoredEvent } from "../domain/event.ts";
import type { DeploymentId, EventId } from "../domain/identifiers.ts";
import { EventRun } from "./event-run.ts";

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

/** A head as it is read, in the order of DeploymentRow. */
export const selectHeads = `SELECT number, deployment_id, head_sequence, state, outcome, environment, service, revision,
  create_time_us, start_time_us, finish_time_us, update_time_us, last_run
  FROM deployments JOIN heads ON heads.deployment = deployments.number`;

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
  Uint8Array,
];

/** A head, the number by which its events refer to it, and the last of the runs of its events. An append changes it in place. */
export interface KeptDeployment {
  readonly number: number;
  head: Deployment;
  lastRun: EventRun;
}

export function keptDeploymentOf(row: unknown): KeptDeployment {
  const [number, , headSequence] = row as DeploymentRow;
  return { number, head: headOf(row), lastRun: EventRun.stored(headSequence, (row as DeploymentRow)[12]) };
}

export function headOf(row: unknown): Deployment {
  const [, id, headSequence, state, outcome, environment, service, revision, create, start, finish, update] =
    row as DeploymentRow;
  return {
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
}

/** The columns of a deployment that never change; two indexes are made of them. */
export const createdColumns = "deployment_id, create_time_us";

export function createdValues(head: Deployment): [string, number] {
  return [head.deploymentId, head.createTimeUs];
}

/** The columns of a deployment that few of its events change. */
export const foldedColumns = "state, outcome, environment, service, revision, start_time_us, finish_time_us";

export function foldedValues(head: Deployment): (string | number | null)[] {
  return [
    head.state,
    head.outcome,
    head.environment,
    head.service,
    head.revision,
    head.startTimeUs ?? null,
    head.finishTimeUs ?? null,
  ];
}

/** Whether two heads differ in the columns above. */
export function foldedDiffer(one: Deployment, other: Deployment): boolean {
  return (
    one.state !== other.state ||
    one.outcome !== other.outcome ||
    one.environment !== other.environment ||
    one.service !== other.service ||
    one.revision !== other.revision ||
    one.startTimeUs !== other.startTimeUs ||
    one.finishTimeUs !== other.finishTimeUs
  );
}
