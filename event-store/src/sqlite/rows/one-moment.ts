import type { DatabaseSync } from "node:sqlite";

/** Reads a snapshot of the store, because commits in between move the last run and the head. */
export function inOneMoment<Found>(database: DatabaseSync, read: () => Found): Found {
  database.exec("BEGIN");
  try {
    return read();
  } finally {
    if (database.isTransaction) database.exec("COMMIT");
  }
}
