import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type Deployment, isPurged } from "../../domain/deployment.ts";
import type { StoredEvent } from "../../domain/event.ts";
import type { DeploymentId, EventId } from "../../domain/identifiers.ts";
import { damageAt } from "../../store-error.ts";
import { checkAbsent, idAfter, idBefore } from "../rows/absent-ids.ts";
import {
  changedValues,
  checkBelowHead,
  eventValues,
  insertEvent,
  storedEventColumns,
  storedEventOf,
  updateEvent,
} from "../rows/event-rows.ts";
import { type EventRun, numbersOf } from "../rows/event-run.ts";
import {
  deploymentValues,
  editValues,
  foldedValues,
  headValues,
  insertDeployment,
  type KeptDeployment,
  keptDeploymentOf,
  replaceEdits,
  replaceHeads,
  selectHeads,
  updateDeployment,
} from "../rows/head-rows.ts";
import { lastDeployment } from "../rows/last-deployment.ts";
import { lastNumber } from "../rows/last-number.ts";
import { preparedStatement } from "../rows/prepared-statement.ts";
import { insertRun, runColumns, runValues, type StoredRun, storedRunOf } from "../rows/run-rows.ts";

/** Prepared statements of the appending connection. */
export class AppendStatements {
  readonly #database: DatabaseSync;
  readonly #dataVersion: StatementSync;
  readonly #findDeployment: StatementSync;
  readonly #findEvent: StatementSync;
  readonly #idBefore: StatementSync;
  readonly #idAfter: StatementSync;
  readonly #lastDeployment: StatementSync;
  readonly #insertDeployment: StatementSync;
  readonly #updateDeployment: StatementSync;
  readonly #writeHead: StatementSync;
  readonly #writeHeads: StatementSync;
  readonly #insertRun: StatementSync;
  readonly #findLastStoredRun: StatementSync;
  readonly #findNumbered: StatementSync;
  readonly #lastNumber: StatementSync;
  readonly #insertEvent: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#dataVersion = database.prepare("PRAGMA data_version");
    this.#findDeployment = database.prepare(`${selectHeads} WHERE deployment_id = ?`);
    this.#idBefore = database.prepare(idBefore);
    this.#idAfter = database.prepare(idAfter);
    this.#findEvent = database.prepare(
      `SELECT ${storedEventColumns} FROM events WHERE deployment = ? AND event_id = ?`,
    );
    this.#lastDeployment = database.prepare(`SELECT ${lastDeployment}`);
    this.#insertDeployment = database.prepare(insertDeployment);
    this.#updateDeployment = database.prepare(updateDeployment);
    this.#writeHead = database.prepare(replaceHeads(1));
    this.#writeHeads = database.prepare(replaceHeads(headsOfStatement));
    this.#insertRun = database.prepare(insertRun);
    this.#findLastStoredRun = database.prepare(
      `SELECT ${runColumns} FROM runs WHERE deployment = ? ORDER BY first_sequence DESC LIMIT 1`,
    );
    this.#findNumbered = database.prepare(
      `SELECT ${storedEventColumns} FROM events WHERE number = ? AND deployment = ?`,
    );
    this.#lastNumber = database.prepare(lastNumber);
    this.#insertEvent = database.prepare(`${insertEvent} ON CONFLICT (event_id, deployment) DO NOTHING`);
    for (const reads of [
      this.#dataVersion,
      this.#findDeployment,
      this.#findEvent,
      this.#findLastStoredRun,
      this.#findNumbered,
      this.#idBefore,
      this.#idAfter,
      this.#lastDeployment,
      this.#lastNumber,
    ]) {
      reads.setReturnArrays(true);
    }
  }

  /** Changes after somebody else has written the file. */
  dataVersion(): number {
    return (this.#dataVersion.get() as unknown as [number])[0];
  }

  /** Reads a deployment to append to: its head counts the existing events. Throws STORE_DAMAGED otherwise. */
  findDeployment(deploymentId: DeploymentId): KeptDeployment | undefined {
    const row = this.#findDeployment.get(deploymentId);
    if (row === undefined) {
      checkAbsent({ deploymentId }, [this.#idBefore.get(deploymentId), this.#idAfter.get(deploymentId)]);
      return undefined;
    }
    const kept = keptDeploymentOf(row, deploymentId);
    // Of a purged one nothing is left to count.
    if (!isPurged(kept.head)) this.#checkEnd(kept);
    return kept;
  }

  findEvent({ number, head }: KeptDeployment, eventId: EventId): StoredEvent | undefined {
    const row = this.#findEvent.get(number, eventId);
    if (row === undefined) return undefined;
    const event = storedEventOf(head.deploymentId, row, eventId);
    checkBelowHead(head.deploymentId, event, head.headSequence);
    return event;
  }

  /** Checks that the last run continues the previous one, and that their ends exist. */
  #checkEnd(kept: KeptDeployment): void {
    const { number, head, lastRun } = kept;
    const row = this.#findLastStoredRun.get(number);
    const before = row === undefined ? { firstSequence: 1, bytes: noBytes } : storedRunOf(row);
    const stored = before && numbersOf(before.bytes);
    const numbers = numbersOf(lastRun.bytes);
    if (before === undefined || stored === undefined || numbers === undefined) throw damagedEnd(kept);
    if (before.firstSequence + stored.length !== lastRun.firstSequence) throw damagedEnd(kept);
    const first = numbers[0];
    if (first !== undefined) this.#checkPlace(kept, lastRun.firstSequence, first);
    this.#checkPlace(kept, head.headSequence, numbers.at(-1) ?? stored.at(-1));
  }

  #checkPlace(kept: KeptDeployment, sequence: number, eventNumber = 0): void {
    const row = this.#findNumbered.get(eventNumber, kept.number);
    if (row === undefined) throw damagedEnd(kept);
    if (storedEventOf(kept.head.deploymentId, row).sequence !== sequence) throw damagedEnd(kept);
  }

  /** Inserts a deployment and returns its number; its head is written with its events. */
  insertDeployment(head: Deployment): number {
    const number = (this.#lastDeployment.get() as unknown as [number])[0] + 1;
    this.#insertDeployment.run(...deploymentValues(number, head));
    return number;
  }

  /** Throws STORE_DAMAGED if the row is missing. */
  updateDeployment(number: number, head: Deployment): void {
    const { deploymentId } = head;
    const { changes } = this.#updateDeployment.run(...foldedValues(number, head));
    if (changes !== 1) throw damageAt({ deploymentId }, `the head of ${deploymentId} is not there`);
  }

  /** Writes the changes that each event makes to its deployment. */
  writeHeads(all: readonly KeptDeployment[]): void {
    let at = 0;
    for (; at + headsOfStatement <= all.length; at += headsOfStatement) {
      this.#writeHeads.run(...all.slice(at, at + headsOfStatement).flatMap(headValues));
    }
    for (const kept of all.slice(at)) this.#writeHead.run(...headValues(kept));
  }

  insertRun(deployment: number, run: EventRun): void {
    this.#insertRun.run(...runValues(deployment, run));
  }

  writeEdits(kept: KeptDeployment): void {
    this.#edit(replaceEdits).run(...editValues(kept));
  }

  /** Overwrites an event of a deployment. */
  updateEvent({ number }: KeptDeployment, event: StoredEvent): void {
    const [row] = this.#findEvent.get(number, event.eventId) as unknown as readonly [number];
    this.#edit(updateEvent).run(...changedValues(row, number, event));
  }

  /** Reads the event of a sequence, by the runs of its deployment. Throws STORE_DAMAGED if it is not there. */
  eventAt(kept: KeptDeployment, sequence: number): StoredEvent {
    const { number, head, lastRun } = kept;
    const damage = () =>
      damageAt({ deploymentId: head.deploymentId, sequence }, `event ${sequence} is not in its place`);
    let run: StoredRun | undefined = lastRun;
    if (sequence < lastRun.firstSequence) {
      const row = this.#edit(
        `SELECT ${runColumns} FROM runs WHERE deployment = ? AND first_sequence <= ?
         ORDER BY first_sequence DESC LIMIT 1`,
      ).get(number, sequence);
      run = row && storedRunOf(row);
    }
    const eventNumber = run && numbersOf(run.bytes)?.[sequence - run.firstSequence];
    const row = eventNumber === undefined ? undefined : this.#findNumbered.get(eventNumber, number);
    const event = row && storedEventOf(head.deploymentId, row);
    if (event?.sequence !== sequence) throw damage();
    return event;
  }

  /** Reads the first full runs of a deployment, at most so many. */
  firstRuns({ number, head }: KeptDeployment, count: number): readonly StoredRun[] {
    const rows = this.#edit(`SELECT ${runColumns} FROM runs WHERE deployment = ? ORDER BY first_sequence LIMIT ?`).all(
      number,
      count,
    );
    return rows.map((row) => {
      const run = storedRunOf(row);
      if (run === undefined) throw damagedRun(head.deploymentId);
      return run;
    });
  }

  /** Deletes the events of a run, and the run unless it is the last; returns the number of events. */
  deleteRun({ number, head, lastRun }: KeptDeployment, run: StoredRun): number {
    const numbers = numbersOf(run.bytes);
    if (numbers === undefined) throw damagedRun(head.deploymentId);
    const remove = this.#edit("DELETE FROM events WHERE number = ? AND deployment = ?");
    let events = 0;
    for (const eventNumber of numbers) events += Number(remove.run(eventNumber, number).changes);
    if (run !== lastRun) {
      this.#edit("DELETE FROM runs WHERE deployment = ? AND first_sequence = ?").run(number, run.firstSequence);
    }
    return events;
  }

  /** Notes that bytes of a deployment were removed that may still be in unallocated parts of the files. */
  noteUnemptied({ number }: KeptDeployment): void {
    this.#edit("INSERT INTO unemptied (deployment) VALUES (?) ON CONFLICT DO NOTHING").run(number);
  }

  // Prepared at the first edit, because most stores never have one.
  #edit(sql: string): StatementSync {
    return preparedStatement(this.#database, sql);
  }

  /** Returns the highest event number; 0 if there is none. */
  lastNumber(): number {
    return (this.#lastNumber.get() as unknown as [number])[0];
  }

  /** Inserts an event under a number. Returns false, without inserting, if the deployment has an event with this id. */
  insertEvent(number: number, deployment: number, event: StoredEvent): boolean {
    return this.#insertEvent.run(...eventValues(number, deployment, event)).changes === 1;
  }
}

function damagedRun(deploymentId: DeploymentId): Error {
  return damageAt({ deploymentId }, `a run of the events of ${deploymentId} is not as it was stored`);
}

const noBytes = new Uint8Array();

/** Rows per statement: each takes a third of the time of a separate one. */
const headsOfStatement = 16;

function damagedEnd({ head: { deploymentId } }: KeptDeployment): Error {
  return damageAt({ deploymentId }, `the last events of ${deploymentId} are not those that its head counts`);
}
