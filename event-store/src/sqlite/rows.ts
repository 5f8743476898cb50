import { type Deployment, deploymentStates } from "../domain/deployment.ts";
import { labelsFromJson, outcomes, type StoredEvent } from "../domain/event.ts";
import type { DeploymentId, EventId } from "../domain/identifiers.ts";
import { damageAt } from "../store-error.ts";
import { EventRun } from "./event-run.ts";
import { isWholeRow, rowChecksum } from "./row-checksum.ts";

/** The columns of an event, in the order of StoredEventRow; the last is the checksum of those before it. */
export const storedEventColumns = `number, deployment, event_id, sequence, receive_time_us, type, severity, labels, content, stamp,
  checksum`;

/** How many of them the checksum is of. */
const eventValuesCount = 10;

type StoredEventRow = readonly [
  number,
  number,
  string,
  number,
  number,
  string,
  number,
  string | null,
  Uint8Array,
  Uint8Array,
  number,
];

const noLabels: StoredEvent["labels"] = {};

/** The values of `storedEventColumns` of an event that is kept by a number, its deployment's number beside it. */
export function eventValues(number: number, deployment: number, event: StoredEvent) {
  const values: (string | number | null | Uint8Array)[] = [
    number,
    deployment,
    event.eventId,
    event.sequence,
    event.receiveTimeUs,
    event.type,
    event.severity,
    labelsColumn(event.labels),
    event.content,
    event.stamp,
  ];
  values.push(rowChecksum("events", values, 0, eventValuesCount));
  return values;
}

/**
 * The event of a row of this deployment. Throws STORE_DAMAGED for a row that no event was ever stored as, and where an index
 * led to another event than the one that was asked for.
 */
export function storedEventOf(deploymentId: DeploymentId, row: unknown, askedId?: EventId): StoredEvent {
  const [, , eventId, sequence, receiveTimeUs, type, severity, text, content, stamp] = row as StoredEventRow;
  if (!isWholeRow("events", row as StoredEventRow, 0, eventValuesCount)) throw damagedEvent(deploymentId, sequence);
  const labels = text === null ? noLabels : labelsFromJson(text);
  if (labels === undefined || sequence < 1) throw damagedEvent(deploymentId, sequence);
  if (askedId !== undefined && askedId !== eventId) throw damagedEvent(deploymentId, sequence);
  return { eventId: eventId as EventId, sequence, receiveTimeUs, type, severity, labels, content, stamp };
}

// The sequence too is what the row says, and may be what is damaged.
function damagedEvent(deploymentId: DeploymentId, sequence: unknown): Error {
  const isOne = Number.isSafeInteger(sequence) && (sequence as number) > 0;
  const place = isOne ? { deploymentId, sequence: sequence as number } : { deploymentId };
  return damageAt(place, `event ${sequence} of ${deploymentId} is none that was stored`);
}

/** The number of the deployment that a row says to be of, whatever else is wrong with it. */
export function deploymentOfEvent(row: unknown): number {
  return (row as StoredEventRow)[1];
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

function labelsColumn(labels: StoredEvent["labels"]): string | null {
  for (const _ in labels) return JSON.stringify(labels);
  return null;
}

/** The columns of a deployment that its number and name are in and that never change; two indexes are made of them. */
const createdColumns = ["number", "deployment_id", "create_time_us"] as const;

/** The columns of a deployment that few of its events change. */
const foldedColumns = [
  "state",
  "outcome",
  "environment",
  "service",
  "revision",
  "start_time_us",
  "finish_time_us",
] as const;

/** The columns of a deployment that each of its events changes, in a table of their own; the checksum is of all of them. */
export const headColumns = ["deployment", "head_sequence", "update_time_us", "last_run"] as const;

/** The columns of a deployment; the checksum is of all of them. */
export const deploymentColumns = [...createdColumns, ...foldedColumns];

/** A head as it is read, in the order of DeploymentRow. */
export const selectHeads = `SELECT ${deploymentColumns.join(", ")}, deployments.checksum, ${headColumns.join(", ")}, heads.checksum
  FROM deployments LEFT JOIN heads ON heads.deployment = deployments.number`;

export const insertDeployment = `INSERT INTO deployments (${deploymentColumns.join(", ")}, checksum)
  VALUES (${placeholders(deploymentColumns.length + 1)})`;

/** Takes the values behind those of the columns that never change, and the number. */
export const updateDeployment = `UPDATE deployments SET (${foldedColumns.join(", ")}, checksum) =
  (${placeholders(foldedColumns.length + 1)}) WHERE number = ?`;

/** Writes so many heads, each whole, whether they are there or not. */
export function replaceHeads(rows: number): string {
  const row = `(${placeholders(headColumns.length + 1)})`;
  return `REPLACE INTO heads (${headColumns.join(", ")}, checksum) VALUES ${Array(rows).fill(row).join(", ")}`;
}

function placeholders(count: number): string {
  return Array(count).fill("?").join(", ");
}

/** The values of `insertDeployment`. */
export function deploymentValues(number: number, head: Deployment): (string | number | null)[] {
  const values = [
    number,
    head.deploymentId,
    head.createTimeUs,
    head.state,
    head.outcome,
    head.environment,
    head.service,
    head.revision,
    head.startTimeUs ?? null,
    head.finishTimeUs ?? null,
  ];
  return [...values, rowChecksum("deployments", values, 0, values.length)];
}

/** The values of `updateDeployment`. */
export function foldedValues(number: number, head: Deployment): (string | number | null)[] {
  return [...deploymentValues(number, head).slice(createdColumns.length), number];
}

/** The values of one row of `replaceHeads`. */
export function headValues({ number, head, lastRun }: KeptDeployment): (number | Uint8Array)[] {
  const values = [number, head.headSequence, head.updateTimeUs, lastRun.bytes];
  values.push(rowChecksum("heads", values, 0, values.length));
  return values;
}

// The columns of `heads` are null where its row is gone.
type DeploymentRow = readonly [
  number,
  string,
  number,
  string,
  string,
  string,
  string,
  string,
  number | null,
  number | null,
  number,
  number | null,
  number | null,
  number | null,
  Uint8Array | null,
  number | null,
];

/** A head, the number by which its events refer to it, and the last of the runs of its events. An append changes it in place. */
export interface KeptDeployment {
  readonly number: number;
  head: Deployment;
  lastRun: EventRun;
}

/** Throws STORE_DAMAGED for a row that no head was ever stored as, as headOf does. */
export function keptDeploymentOf(row: unknown, askedId?: DeploymentId): KeptDeployment {
  const head = headOf(row, askedId);
  const [number, , , , , , , , , , , , , , bytes] = row as DeploymentRow;
  const lastRun = bytes === null ? undefined : EventRun.stored(head.headSequence, bytes);
  if (lastRun === undefined) throw damagedLastRun(head.deploymentId);
  return { number, head, lastRun };
}

/**
 * Throws STORE_DAMAGED for a row that no head was ever stored as, and where an index led to another deployment than the one
 * that was asked for.
 */
export function headOf(row: unknown, askedId?: DeploymentId): Deployment {
  const [, id, create, state, outcome, environment, service, revision, start, finish, , , headSequence, update] =
    row as DeploymentRow;
  const deploymentId = askedId ?? (id as DeploymentId);
  if (id !== deploymentId) throw damagedHead(deploymentId);
  if (!isWholeHead(row as DeploymentRow)) throw damagedHead(deploymentId);
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

/** Both of its rows, and the one in `heads` is that of the one in `deployments`. */
function isWholeHead(row: DeploymentRow): boolean {
  const ofHead = deploymentColumns.length + 1;
  return (
    row[ofHead] === row[0] &&
    isWholeRow("deployments", row, 0, deploymentColumns.length) &&
    isWholeRow("heads", row, ofHead, headColumns.length)
  );
}

function isOneOf<Value extends string>(values: readonly Value[], text: string): text is Value {
  return (values as readonly string[]).includes(text);
}

function damagedLastRun(deploymentId: DeploymentId): Error {
  return damageAt({ deploymentId }, `a run of the events of ${deploymentId} is none that was stored`);
}

function damagedHead(deploymentId: DeploymentId): Error {
  return damageAt({ deploymentId }, `the head of ${deploymentId} is none that was stored`);
}

/** Whether two heads differ in the columns that few events change. */
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
