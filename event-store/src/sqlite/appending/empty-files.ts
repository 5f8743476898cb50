import type { DatabaseSync } from "node:sqlite";
import type { Unallocated } from "../files/unallocated.ts";
import { preparedStatement } from "../rows/prepared-statement.ts";

/** Tells whether removed bytes may still be in unallocated parts of a store's files. */
export function isUnemptied(database: DatabaseSync): boolean {
  return preparedStatement(database, "SELECT 1 FROM unemptied LIMIT 1").get() !== undefined;
}

/** Writes the log into the file and truncates it; returns false if another connection reads it. */
export function emptyLog(database: DatabaseSync): boolean {
  const row = preparedStatement(database, "PRAGMA wal_checkpoint(TRUNCATE)").get();
  return (row as unknown as readonly [number])[0] === 0;
}

/**
 * Overwrites the unallocated parts of the file, whose log is empty, and notes that nothing is left to empty, in one transaction. Returns
 * false if somebody else has written meanwhile.
 */
export function emptyFile(database: DatabaseSync, unallocated: Unallocated, isLogEmpty: () => boolean): boolean {
  database.exec("BEGIN IMMEDIATE");
  try {
    const isStillEmpty = isLogEmpty();
    if (isStillEmpty) {
      const rows = preparedStatement(database, "SELECT rootpage FROM sqlite_schema WHERE rootpage > 1").all();
      // A page in the cache would be written with what its unallocated part had before.
      database.exec("PRAGMA shrink_memory");
      unallocated.overwrite(rows.map((row) => (row as unknown as readonly [number])[0]));
      database.exec("DELETE FROM unemptied");
    }
    database.exec("COMMIT");
    return isStillEmpty;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
