import { type Deployment, standings } from "../../domain/deployment.ts";
import { outcomes } from "../../domain/event.ts";
import type { DeploymentId } from "../../domain/identifiers.ts";
import { deploymentStates } from "../../domain/life-cycle.ts";
import { damageAt } from "../../store-error.ts";
import { EventRun } from "./event-run.ts";
import { placeholders } from "./prepared-statement.ts";
import { isWholeRow, rowChecksum } from "./row-checksum.ts";

type Value = string | number | null | Uint8Array;

/** Columns of a deployment that never change; two indexes use them. */
const createdColumns = ["number", "deployment_id", "create_time_us"] as const;

/** Columns that few events of a deployment change. */
const foldedFields = [
  ["state", "state"],
  ["outcome", "outcome"],
  ["environment", "environment"],
  ["service", "service"],
  ["revision", "revision"],
  ["actor", "actor"],
  ['"commit"', "commit"],
  ["commit_time_us", "commitTimeUs"],
  ["url", "url"],
  ["start_time_us", "startTimeUs"],
  ["finish_time_us", "finishTimeUs"],
  ["failure_time_us", "failureTimeUs"],
  ["incident_time_us", "incidentTimeUs"],
  ["recover_time_us", "recoverTimeUs"],
  ["remove_time_us", "removeTimeUs"],
] as const;

/** Times of kinds that few events change; that of the start is the start time. */
const kindTimeFields = [
  ["queued_time_us", "queued"],
  ["finished_time_us", "finished"],
  ["finished_outcome", "finishedOutcome"],
  ["rolled_back_time_us", "rolledBack"],
] as const;

const foldedColumns = [...[...foldedFields, ...kindTimeFields].map(([column]) => column), "history_hash_from"];

/** Columns that each event changes, in a separate table; the checksum covers all of them. */
export const headColumns = [
  "deployment",
  "head_sequence",
  "update_time_us",
  "progress_time_us",
  "history_hash",
  "last_run",
] as const;

/** Columns of a deployment; the checksum covers all of them. */
export const deploymentColumns = [...createdColumns, ...foldedColumns];

/** Columns of an edited deployment, in a table of their own; the checksum covers all of them. */
const editColumns = ["deployment", "edits", "standing", "last_number"] as const;

const columnsOf = (table: string, columns: readonly string[]) =>
  [...columns, "checksum"].map((column) => `${table}.${column}`).join(", ");

/** A head as read: its rows, each with its checksum; that of `edits` is NULL unless the deployment was edited. */
export const selectHeads = `SELECT ${columnsOf("deployments", deploymentColumns)}, ${columnsOf("heads", headColumns)},
    ${columnsOf("edits", editColumns)}
  FROM deployments LEFT JOIN heads ON heads.deployment = deployments.number
    LEFT JOIN edits ON edits.deployment = deployments.number`;

/** Index of the rows of `heads` and of `edits` in the result. */
const headAt = deploymentColumns.length + 1;
const editsAt = headAt + headColumns.length + 1;

export const insertDeployment = `INSERT INTO deployments (${deploymentColumns.join(", ")}, checksum)
  VALUES (${placeholders(deploymentColumns.length + 1)})`;

/** Updates the values after the unchanging columns, by number. */
export const updateDeployment = `UPDATE deployments SET (${foldedColumns.join(", ")}, checksum) =
  (${placeholders(foldedColumns.length + 1)}) WHERE number = ?`;

/** Makes the statement that inserts or replaces this many complete heads. */
export function replaceHeads(rows: number): string {
  const row = `(${placeholders(headColumns.length + 1)})`;
  return `REPLACE INTO heads (${headColumns.join(", ")}, checksum) VALUES ${Array(rows).fill(row).join(", ")}`;
}

/** Inserts or replaces the row of an edited deployment. */
export const replaceEdits = `REPLACE INTO edits (${editColumns.join(", ")}, checksum) VALUES (${placeholders(editColumns.length + 1)})`;

/** Returns the values of `insertDeployment`. */
export function deploymentValues(number: number, head: Deployment): Value[] {
  const values: Value[] = [number, head.deploymentId, head.createTimeUs];
  for (const [, field] of foldedFields) values.push(head[field] ?? null);
  for (const [, field] of kindTimeFields) values.push(head.kindTimes[field] ?? null);
  values.push(head.historyHash?.from ?? 0);
  values.push(rowChecksum("deployments", values, 0, values.length));
  return values;
}

/** Returns the values of `updateDeployment`. */
export function foldedValues(number: number, head: Deployment): Value[] {
  return [...deploymentValues(number, head).slice(createdColumns.length), number];
}

/** Returns the values of one row of `replaceHeads`. */
export function headValues({ number, head, lastRun }: KeptDeployment): Value[] {
  const { headSequence, updateTimeUs, kindTimes, historyHash } = head;
  if (historyHash !== undefined && historyHash.sequence !== headSequence)
    throw new Error("a head is to be written with its history hash");
  const values: Value[] = [
    number,
    headSequence,
    updateTimeUs,
    kindTimes.progress ?? null,
    historyHash?.hash ?? noHash,
    lastRun.bytes,
  ];
  values.push(rowChecksum(isEdited(head) ? "editedHeads" : "heads", values, 0, values.length));
  return values;
}

/** Tells whether a deployment has a row in `edits`. */
export function isEdited({ edits, standing }: Deployment): boolean {
  return edits > 0 || standing !== "kept";
}

/** Returns the values of `replaceEdits`. */
export function editValues({ number, head, lastNumber }: KeptDeployment): Value[] {
  const values: Value[] = [number, head.edits, head.standing, lastNumber];
  values.push(rowChecksum("edits", values, 0, values.length));
  return values;
}

const noHash = new Uint8Array();

/** A head, its number in its events, and its last run. An append changes it in place. */
export interface KeptDeployment {
  readonly number: number;
  head: Deployment;
  lastRun: EventRun;
  /** Greatest event number of the store when the deployment's purge began; 0 before. */
  lastNumber: number;
}

/** Parses a head with its run. Throws STORE_DAMAGED as headOf does. */
export function keptDeploymentOf(row: unknown, askedId?: DeploymentId): KeptDeployment {
  const head = headOf(row, askedId);
  const [number] = row as readonly [number];
  const bytes = (row as readonly Value[])[headAt + headColumns.indexOf("last_run")] as Uint8Array;
  const lastRun = EventRun.stored(head.headSequence, bytes);
  if (lastRun === undefined) throw damagedLastRun(head.deploymentId);
  const lastNumber = (row as readonly Value[])[editsAt + editColumns.indexOf("last_number")] as number | null;
  return { number, head, lastRun, lastNumber: lastNumber ?? 0 };
}

/**
 * Parses a head. Throws STORE_DAMAGED if the row was never stored as a head, or if an index led to another deployment
 * than requested.
 */
export function headOf(row: unknown, askedId?: DeploymentId): Deployment {
  const values = row as readonly Value[];
  const deploymentId = askedId ?? (values[1] as DeploymentId);
  if (values[1] !== deploymentId || !isWholeHead(values)) throw damagedHead(deploymentId);
  let at = createdColumns.length;
  const folded: Record<string, unknown> = {};
  for (const [, field] of foldedFields) folded[field] = values[at++] ?? undefined;
  const kindTimes: Record<string, unknown> = { started: folded.startTimeUs };
  for (const [, field] of kindTimeFields) kindTimes[field] = values[at++] ?? undefined;
  const from = values[at] as number;
  const [, headSequence, updateTimeUs, progress, hash] = values.slice(headAt) as unknown as HeadValues;
  const [edited, edits, standing] = values.slice(editsAt) as unknown as EditValues;
  kindTimes.progress = progress ?? undefined;
  if (headSequence < 1 || hash.length !== (from === 0 ? 0 : 32)) throw damagedHead(deploymentId);
  if (edited !== null && !isOneOf(standings, standing)) throw damagedHead(deploymentId);
  if (!isOneOf(deploymentStates, folded.state) || !isOneOf(outcomes, folded.outcome)) throw damagedHead(deploymentId);
  return {
    deploymentId,
    headSequence,
    createTimeUs: values[2],
    updateTimeUs,
    ...folded,
    kindTimes,
    foldedSequence: headSequence,
    historyHash: from === 0 ? undefined : { hash, sequence: headSequence, from },
    edits: edits ?? 0,
    standing: standing ?? "kept",
  } as unknown as Deployment;
}

type HeadValues = readonly [number, number, number, number | null, Uint8Array];
type EditValues = readonly [number | null, number | null, string | null];

/** Checks the rows, and that they belong to the one in `deployments`. */
function isWholeHead(row: readonly Value[]): boolean {
  const hasEdits = row[editsAt] !== null;
  return (
    row[headAt] === row[0] &&
    isWholeRow("deployments", row, 0, deploymentColumns.length) &&
    isWholeRow(hasEdits ? "editedHeads" : "heads", row, headAt, headColumns.length) &&
    (!hasEdits || isWholeRow("edits", row, editsAt, editColumns.length))
  );
}

function isOneOf(values: readonly string[], value: unknown): boolean {
  return values.includes(value as string);
}

function damagedLastRun(deploymentId: DeploymentId): Error {
  return damageAt({ deploymentId }, `a run of the events of ${deploymentId} is not as it was stored`);
}

function damagedHead(deploymentId: DeploymentId): Error {
  return damageAt({ deploymentId }, `the head of ${deploymentId} is not as it was stored`);
}

/**
 * Tells whether two heads differ in the columns that few events change. Runs for each event: by name, which is faster
 * than by list.
 */
export function foldedDiffer(one: Deployment, other: Deployment): boolean {
  return (
    one.state !== other.state ||
    one.outcome !== other.outcome ||
    one.environment !== other.environment ||
    one.service !== other.service ||
    one.revision !== other.revision ||
    one.actor !== other.actor ||
    one.commit !== other.commit ||
    one.commitTimeUs !== other.commitTimeUs ||
    one.url !== other.url ||
    one.startTimeUs !== other.startTimeUs ||
    one.finishTimeUs !== other.finishTimeUs ||
    one.failureTimeUs !== other.failureTimeUs ||
    one.incidentTimeUs !== other.incidentTimeUs ||
    one.recoverTimeUs !== other.recoverTimeUs ||
    one.removeTimeUs !== other.removeTimeUs ||
    one.historyHash?.from !== other.historyHash?.from ||
    kindTimesDiffer(one.kindTimes, other.kindTimes)
  );
}

// The time of progress is among the columns that each event changes.
function kindTimesDiffer(one: Deployment["kindTimes"], other: Deployment["kindTimes"]): boolean {
  return (
    one.queued !== other.queued ||
    one.finished !== other.finished ||
    one.finishedOutcome !== other.finishedOutcome ||
    one.rolledBack !== other.rolledBack
  );
}
