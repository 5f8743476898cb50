import type { DatabaseSync } from "node:sqlite";
import { preparedStatement } from "./prepared-statement.ts";

/** SQL of the greatest number that an event has or had, up to schema 4. */
const lastStored = "SELECT coalesce(max(number), 0) FROM events";

/** SQL of the greatest number that an event has or had; 0 if there was none. Purged ones count. */
export const lastNumber = `SELECT max((${lastStored}), (SELECT coalesce(max(last_number), 0) FROM edits))`;

/** Reads the number of the last event of an open store, purged ones included; 0 if there was none. */
export function lastNumberOf(database: DatabaseSync): number {
  return numberOf(database, lastNumber);
}

/** The same of a store of a schema before 5, which knows no purge. */
export function lastNumberOfOlder(database: DatabaseSync): number {
  return numberOf(database, lastStored);
}

function numberOf(database: DatabaseSync, sql: string): number {
  return (preparedStatement(database, sql).get() as unknown as readonly [number])[0];
}
