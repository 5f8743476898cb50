import type { DatabaseSync } from "node:sqlite";

/** Reads the store as it is at one moment: what commits meanwhile moves the last run, and the head. */
export function inOneMoment<Found>(database: DatabaseSync, read: () => Found): Found {
  database.exec("BEGIN");
  try {
    return read();
  } finally {
    if (database.isTransaction) database.exec("COMMIT");
  }
}
