import type { DatabaseSync } from "node:sqlite";

/** The number of the last event of a store that is open; 0: there is none. */
export function lastNumberOf(database: DatabaseSync): number {
  const { last } = database.prepare("SELECT coalesce(max(number), 0) AS last FROM events").get() as { last: number };
  return last;
}
