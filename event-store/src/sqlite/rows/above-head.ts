import type { DatabaseSync } from "node:sqlite";
import { limits } from "../../limits.ts";
import { aboveHead } from "../../store-error.ts";
import { isOfRows } from "../faults.ts";
import { storedEventColumns, storedEventOf } from "./event-rows.ts";
import { numbersOf } from "./event-run.ts";
import type { KeptDeployment } from "./head-rows.ts";
import { preparedStatement } from "./prepared-statement.ts";
import { runColumns, storedRunOf } from "./run-rows.ts";

/**
 * Throws STORE_DAMAGED, with the first sequence that the head does not count, for a head that is older than its events. A full
 * run that the head knows nothing of tells, or an event among those that came next after its last one. An event that came later
 * than these is found by the look through the whole store.
 */
export function checkNewestHead(database: DatabaseSync, kept: KeptDeployment): void {
  const { number, head, lastRun } = kept;
  const { deploymentId, headSequence } = head;
  const row = preparedStatement(
    database,
    `SELECT ${runColumns} FROM runs WHERE deployment = ? ORDER BY first_sequence DESC LIMIT 1`,
  ).get(number);
  const run = row && storedRunOf(row);
  const isOlder = run !== undefined && run.firstSequence >= lastRun.firstSequence;
  const lastNumber = lastRun.lastNumber || (run && numbersOf(run.bytes)?.at(-1));
  if (!isOlder && (lastNumber === undefined || !hasEventBehind(database, kept, lastNumber))) return;
  throw aboveHead({ deploymentId, sequence: headSequence + 1 });
}

function hasEventBehind(database: DatabaseSync, { number, head }: KeptDeployment, lastNumber: number): boolean {
  const rows = preparedStatement(
    database,
    `SELECT ${storedEventColumns} FROM events
     WHERE number > ? AND number <= ? AND deployment = ? AND sequence > ? ORDER BY number`,
  ).iterate(lastNumber, lastNumber + limits.sqliteNextEvents, number, head.headSequence);
  for (const row of rows) {
    try {
      storedEventOf(head.deploymentId, row);
      return true;
    } catch (error) {
      // A row that is damaged itself says nothing of the deployment that it names.
      if (!isOfRows(error)) throw error;
    }
  }
  return false;
}
