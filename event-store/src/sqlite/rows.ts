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
  const text = JSON.stringify(labels);
  return text === "{}" ? null : text;
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

/** The values of a head in the order of deploymentColumns, without the number. */
export function deploymentValues(head: Deployment): (string | number | null)[] {
  return [
    head.deploymentId,
    head.headSequence,
    head.state,
    head.outcome,
    head.environment,
    head.service,
    head.revision,
    head.createTimeUs,
    head.startTimeUs ?? null,
    head.finishTimeUs ?? null,
    head.updateTimeUs,
  ];
}
