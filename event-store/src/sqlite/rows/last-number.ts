import type { DatabaseSync } from "node:sqlite";
import { preparedStatement } from "./prepared-statement.ts";

/** Reads the number of the last event of an open store; 0 if there is none. */
export function lastNumberOf(database: DatabaseSync): number {
  const row = preparedStatement(database, "SELECT coalesce(max(number), 0) FROM events").get();
  return (row as unknown as readonly [number])[0];
}
