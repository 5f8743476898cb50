import { type Deployment, deploymentStates } from "../domain/deployment.ts";
import { labelsFromJson, outcomes, type StoredEvent } from "../domain/event.ts";
import type { DeploymentId, EventId } from "../domain/identifiers.ts";
import { damageAt } from "../store-error.ts";
import { EventRun } from "./event-run.ts";

/** The columns of an event that is read, in the order of StoredEventRow. */
export const storedEventColumns = "event_id, sequence, receive_time_us, type, severity, labels, content, stamp";

type StoredEventRow = readonly [string, number, number, string, number, string | null, Uint8Array, Uint8Array];

const noLabels: StoredEvent["labels"] = {};

/** The event of a row of this deployment. Throws STORE_DAMAGED for a row that no event was ever stored as. */
export function storedEventOf(deploymentId: DeploymentId, row: unknown): StoredEvent {
  const [eventId, sequence, receiveTimeUs, type, severity, text, content, stamp] = row as StoredEventRow;
  const labels = text === null ? noLabels : labelsFromJson(text);
  if (labels === undefined || sequence < 1) {
    throw damageAt({ deploymentId, sequence }, `event ${eventId} of ${deploymentId} is none that was stored`);
  }
  return { eventId: eventId as EventId, sequence, receiveTimeUs, type, severity, labels, content, stamp };
}

/** Throws STORE_DAMAGED for an event above the head of its deployment, which counts all of them. */
export function checkBelowHead(
  deploymentId: DeploymentId,
  { eventId, sequence }: StoredEvent,
  headSequence: number | null,
): void {
  if (sequence <= (headSequence ?? 0)) return;
  throw damageAt({ deploymentId, sequence }, `event ${eventId} of ${deploymentId} is above its head`);
}

export function labelsColumn(labels: StoredEvent["labels"]): string | null {
  for (const _ in labels) return JSON.stringify(labels);
  return null;
}

/** A head as it is read, in the order of DeploymentRow. */
export const selectHeads = `SELECT number, deployment_id, head_sequence, state, outcome, environment, service, revision,
  create_time_us, start_time_us, finish_time_us, update_time_us, last_run
  FROM deployments LEFT JOIN heads ON heads.deployment = deployments.number`;

// The head's own columns are null where its row is gone.
type DeploymentRow = readonly [
  number,
  string,
  number | null,
  string,
  string,
  string,
  string,
  string,
  number,
  number | null,
  number | null,
  number | null,
  Uint8Array | null,
];

/** A head, the number by which its events refer to it, and the last of the runs of its events. An append changes it in place. */
export interface KeptDeployment {
  readonly number: number;
  head: Deployment;
  lastRun: EventRun;
}

/** Throws STORE_DAMAGED for a row that no head was ever stored as. */
export function keptDeploymentOf(row: unknown): KeptDeployment {
  const head = headOf(row);
  const [number, , , , , , , , , , , , bytes] = row as DeploymentRow;
  const lastRun = bytes === null ? undefined : EventRun.stored(head.headSequence, bytes);
  if (lastRun === undefined) throw damagedHead(head.deploymentId);
  return { number, head, lastRun };
}

/** Throws STORE_DAMAGED for a row that no head was ever stored as. */
export function headOf(row: unknown): Deployment {
  const [, id, headSequence, state, outcome, environment, service, revision, create, start, finish, update] =
    row as DeploymentRow;
  const deploymentId = id as DeploymentId;
  if (headSequence === null || headSequence < 1 || update === null) throw damagedHead(deploymentId);
  if (!isOneOf(deploymentStates, state) || !isOneOf(outcomes, outcome)) throw damagedHead(deploymentId);
  return {
    deploymentId,
    headSequence,
    state,
    outcome,
    environment,
    service,
    revision,
    createTimeUs: create,
    startTimeUs: start ?? undefined,
    finishTimeUs: finish ?? undefined,
    updateTimeUs: update,
  };
}

function isOneOf<Value extends string>(values: readonly Value[], text: string): text is Value {
  return (values as readonly string[]).includes(text);
}

function damagedHead(deploymentId: DeploymentId): Error {
  return damageAt({ deploymentId }, `the head of ${deploymentId} is none that was stored`);
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
