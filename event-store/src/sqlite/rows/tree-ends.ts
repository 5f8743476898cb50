import type { DatabaseSync } from "node:sqlite";

/** First columns of the store's tables and indexes, each of which is a tree. */
const trees = [
  ["deployments", "number"],
  ["deployments", "deployment_id"],
  ["heads", "deployment"],
  ["runs", "deployment"],
  ["events", "number"],
  ["events", "event_id"],
  ["edits", "deployment"],
  ["edits", "last_number"],
  ["keys", "id"],
  ["unemptied", "deployment"],
] as const;

/** Reads both ends of each tree. Throws if one cannot be read, as in a truncated or overwritten file. */
export function readEnds(database: DatabaseSync): void {
  for (const [table, column] of trees) {
    database.prepare(`SELECT * FROM ${table} ORDER BY ${column} ASC LIMIT 1`).all();
    database.prepare(`SELECT * FROM ${table} ORDER BY ${column} DESC LIMIT 1`).all();
  }
}
