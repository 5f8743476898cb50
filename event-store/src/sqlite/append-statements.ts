import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Deployment } from "../domain/deployment.ts";
import type { StoredEvent } from "../domain/event.ts";
import type { DeploymentId, EventId } from "../domain/identifiers.ts";
import { damageAt } from "../store-error.ts";
import { type EventRun, numbersOf } from "./event-run.ts";
import {
  checkBelowHead,
  createdColumns,
  createdValues,
  foldedColumns,
  foldedValues,
  type KeptDeployment,
  keptDeploymentOf,
  labelsColumn,
  selectHeads,
  storedEventColumns,
  storedEventOf,
} from "./rows.ts";

/** The statements of a connection that appends, prepared once. */
export class AppendStatements {
  readonly #dataVersion: StatementSync;
  readonly #findDeployment: StatementSync;
  readonly #findEvent: StatementSync;
  readonly #insertDeployment: StatementSync;
  readonly #updateDeployment: StatementSync;
  readonly #writeHead: StatementSync;
  readonly #writeHeads: StatementSync;
  readonly #insertRun: StatementSync;
  readonly #findLastStoredRun: StatementSync;
  readonly #findSequence: StatementSync;
  readonly #lastNumber: StatementSync;
  readonly #insertEvent: StatementSync;

  constructor(database: DatabaseSync) {
    this.#dataVersion = database.prepare("PRAGMA data_version");
    this.#findDeployment = database.prepare(`${selectHeads} WHERE deployment_id = ?`);
    this.#findEvent = database.prepare(
      `SELECT ${storedEventColumns} FROM events WHERE deployment = ? AND event_id = ?`,
    );
    this.#insertDeployment = database.prepare(
      `INSERT INTO deployments (${createdColumns}, ${foldedColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#updateDeployment = database.prepare(
      `UPDATE deployments SET (${foldedColumns}) = (?, ?, ?, ?, ?, ?, ?) WHERE number = ?`,
    );
    this.#writeHead = database.prepare(replaceHeads(1));
    this.#writeHeads = database.prepare(replaceHeads(headsOfStatement));
    this.#insertRun = database.prepare("INSERT INTO runs (deployment, first_sequence, events) VALUES (?, ?, ?)");
    this.#findLastStoredRun = database.prepare(
      "SELECT first_sequence, events FROM runs WHERE deployment = ? ORDER BY first_sequence DESC LIMIT 1",
    );
    this.#findSequence = database.prepare("SELECT sequence FROM events WHERE number = ? AND deployment = ?");
    this.#lastNumber = database.prepare("SELECT coalesce(max(number), 0) FROM events");
    this.#insertEvent = database.prepare(
      `INSERT INTO events (number, deployment, ${storedEventColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (event_id, deployment) DO NOTHING`,
    );
    for (const reads of [
      this.#dataVersion,
      this.#findDeployment,
      this.#findEvent,
      this.#findLastStoredRun,
      this.#findSequence,
      this.#lastNumber,
    ]) {
      reads.setReturnArrays(true);
    }
  }

  /** Another number after somebody else has written the file. */
  dataVersion(): number {
    return (this.#dataVersion.get() as unknown as [number])[0];
  }

  /** A deployment to which can be appended: its head counts the events that are there. Throws STORE_DAMAGED otherwise. */
  findDeployment(deploymentId: DeploymentId): KeptDeployment | undefined {
    const row = this.#findDeployment.get(deploymentId);
    if (row === undefined) return undefined;
    const kept = keptDeploymentOf(row);
    if (!this.#isWholeAtEnd(kept)) {
      throw damageAt({ deploymentId }, `the last events of ${deploymentId} are not those that its head counts`);
    }
    return kept;
  }

  findEvent({ number, head }: KeptDeployment, eventId: EventId): StoredEvent | undefined {
    const row = this.#findEvent.get(number, eventId);
    if (row === undefined) return undefined;
    const event = storedEventOf(head.deploymentId, row);
    checkBelowHead(head.deploymentId, event, head.headSequence);
    return event;
  }

  /** Whether the last run goes on where the one before ends, and both ends of it, or the end of that one, are there. */
  #isWholeAtEnd({ number, head, lastRun }: KeptDeployment): boolean {
    const row = this.#findLastStoredRun.get(number);
    const [firstSequence, bytes] = (row as unknown as readonly [number, Uint8Array] | undefined) ?? [1, noBytes];
    const stored = numbersOf(bytes) ?? [];
    const numbers = numbersOf(lastRun.bytes) ?? [];
    if (firstSequence + stored.length !== lastRun.firstSequence) return false;
    const sequenceOf = (eventNumber = 0) =>
      (this.#findSequence.get(eventNumber, number) as unknown as readonly [number] | undefined)?.[0];
    const isFirstThere = numbers.length === 0 || sequenceOf(numbers[0]) === lastRun.firstSequence;
    return isFirstThere && sequenceOf(numbers.at(-1) ?? stored.at(-1)) === head.headSequence;
  }

  /** The number of the deployment, whose head is written when its events are. */
  insertDeployment(head: Deployment): number {
    return Number(this.#insertDeployment.run(...createdValues(head), ...foldedValues(head)).lastInsertRowid);
  }

  updateDeployment(number: number, head: Deployment): void {
    this.#updateDeployment.run(...foldedValues(head), number);
  }

  /** Writes what each event changes of its deployment. */
  writeHeads(all: readonly KeptDeployment[]): void {
    let at = 0;
    for (; at + headsOfStatement <= all.length; at += headsOfStatement) {
      this.#writeHeads.run(...all.slice(at, at + headsOfStatement).flatMap(headValues));
    }
    for (const kept of all.slice(at)) this.#writeHead.run(...headValues(kept));
  }

  insertRun(deployment: number, { firstSequence, bytes }: EventRun): void {
    this.#insertRun.run(deployment, firstSequence, bytes);
  }

  /** The highest number of an event; 0: there is none. */
  lastNumber(): number {
    return (this.#lastNumber.get() as unknown as [number])[0];
  }

  /** Keeps an event by a number. Answers false when the deployment has an event of this id, and inserts nothing. */
  insertEvent(number: number, deployment: number, event: StoredEvent): boolean {
    const { changes } = this.#insertEvent.run(
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
    );
    return changes === 1;
  }
}

const noBytes = new Uint8Array();

/** Rows of one statement: each takes a third of the time of one that is written alone. */
const headsOfStatement = 16;

function replaceHeads(rows: number): string {
  const values = Array.from({ length: rows }, () => "(?, ?, ?, ?)").join(", ");
  return `REPLACE INTO heads (deployment, head_sequence, update_time_us, last_run) VALUES ${values}`;
}

function headValues({ number, head, lastRun }: KeptDeployment): [number, number, number, Uint8Array] {
  return [number, head.headSequence, head.updateTimeUs, lastRun.bytes];
}
