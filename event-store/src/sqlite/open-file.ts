import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import type { OnMigration } from "../migration-progress.ts";
import { StoreFaultError, StoreOpenError } from "../store-error.ts";
import { faultOf } from "./faults.ts";
import { folderMode, makePrivateFile } from "./file-modes.ts";
import { migrateFile, removeUnfinished } from "./migrate-file.ts";
import { applicationId, oldestSchemaVersion, schema, schemaVersion } from "./schema.ts";

/** How long a statement waits for another program, such as a copy that is being taken, in milliseconds. */
const busyTimeoutMs = 2_000;

/** The columns that come first in the store's tables and indexes, each of which is a tree. */
const trees = [
  ["deployments", "number"],
  ["deployments", "deployment_id"],
  ["heads", "deployment"],
  ["runs", "deployment"],
  ["events", "number"],
  ["events", "event_id"],
] as const;

/**
 * Takes the store's file for this process alone until what is answered is closed, or the process ends, however it ends;
 * makes it when it is not there, brings one of an older schema to the newest, and looks it through. Throws StoreOpenError
 * when it cannot serve.
 */
export async function takeFile(file: string, onMigration: OnMigration): Promise<DatabaseSync> {
  let lock: DatabaseSync | undefined;
  try {
    lock = lockFile(file);
    // At the start only: a file that goes while it is open is a fault.
    if (existsSync(file)) {
      if (checkVersion(file) < schemaVersion) await migrateFile(file, onMigration);
      else removeUnfinished(file);
      openForAppends(file).close();
    } else {
      create(file);
    }
    return lock;
  } catch (error) {
    lock?.close();
    if (error instanceof StoreOpenError) throw error;
    throw new StoreOpenError(`${file} cannot be opened: ${faultOf(error).cause}`, { cause: error });
  }
}

// The lock is one of SQLite's own on an empty file beside the store, so that readers of the store are not shut out.
function lockFile(file: string): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true, mode: folderMode });
  makePrivateFile(`${file}-lock`);
  const lock = new DatabaseSync(`${file}-lock`);
  try {
    lock.exec("PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock.close();
    if ((error as { errcode?: number }).errcode !== 5) throw error;
    throw new StoreOpenError(`another process holds ${file}; stop it, or give this one a DATA_DIR of its own`);
  }
}

/** Opens the store's file for appends, and refuses one that has taken its place, untouched. */
export function openForAppends(file: string): DatabaseSync {
  const existing = pathToFileURL(file);
  existing.search = "mode=rw";
  const database = new DatabaseSync(existing, { timeout: busyTimeoutMs });
  try {
    checkOurs(database);
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF");
    // Reads both ends of each tree, so that a file that was cut off or overwritten is noticed now.
    for (const [table, column] of trees) {
      database.prepare(`SELECT * FROM ${table} ORDER BY ${column} ASC LIMIT 1`).all();
      database.prepare(`SELECT * FROM ${table} ORDER BY ${column} DESC LIMIT 1`).all();
    }
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Opens the store's file for reads, beside the connection that appends. */
export function openForReads(file: string): DatabaseSync {
  return new DatabaseSync(file, { readOnly: true, timeout: busyTimeoutMs });
}

/** Lets a connection go that may be broken: what broke it may break its end as well, and is said already. */
export function closeQuietly(connection: { close(): void } | undefined): void {
  try {
    connection?.close();
  } catch {
    // The system lets go of the file with the thread.
  }
}

/** Tells the file of this name from another one that takes its place. */
export function identityOf(file: string): string {
  const { dev, ino } = statSync(file);
  return `${dev}:${ino}`;
}

/** Throws when the file that was opened is not the one of its name any more: what it took would be gone with it. */
export function checkInPlace(file: string, identity: string): void {
  const now = statSync(file, { throwIfNoEntry: false });
  if (now !== undefined && `${now.dev}:${now.ino}` === identity) return;
  throw new StoreFaultError("STORE_IO_ERROR", "the store's file was removed or replaced while it was open");
}

// A file appears under its name only when it is whole: a crash in between leaves nothing that looks like a store.
function create(file: string): void {
  if (existsSync(`${file}-wal`)) {
    throw new StoreOpenError(`${file} is gone, but its events are in ${file}-wal; put it back, or move the rest away`);
  }
  const unfinished = `${file}-new`;
  for (const left of [unfinished, `${unfinished}-journal`]) rmSync(left, { force: true });
  makePrivateFile(unfinished);
  const database = new DatabaseSync(unfinished);
  try {
    database.exec(`PRAGMA synchronous = FULL; PRAGMA application_id = ${applicationId};
      PRAGMA user_version = ${schemaVersion}; BEGIN; ${schema} COMMIT`);
  } finally {
    database.close();
  }
  renameSync(unfinished, file);
  const folder = openSync(dirname(file), "r");
  fsyncSync(folder);
  closeSync(folder);
}

// Asked through SQLite: to close a file that was opened beside it would let go of the locks of all its connections.
function checkOurs(database: DatabaseSync): void {
  const { application_id } = database.prepare("PRAGMA application_id").get() as { application_id: number };
  const { user_version } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  if (application_id === applicationId && user_version === schemaVersion) return;
  throw new StoreFaultError("STORE_DAMAGED", "what is in the place of the store's file is no store of this program");
}

// Read from the file itself, at the places that sqlite.org/fileformat.html names, so that nothing of it is changed; before
// any connection is open, see checkOurs.
function checkVersion(file: string): number {
  const header = Buffer.alloc(100);
  const descriptor = openSync(file, "r");
  try {
    readSync(descriptor, header, 0, header.length, 0);
  } finally {
    closeSync(descriptor);
  }
  const isSqlite = header.toString("latin1", 0, 16) === "SQLite format 3\0";
  if (!isSqlite || header.readUInt32BE(68) !== applicationId) {
    throw new StoreOpenError(`${file} is no event store of this program, or is damaged; move it away or set DATA_DIR`);
  }
  const version = header.readUInt32BE(60);
  if (version > schemaVersion) {
    throw new StoreOpenError(
      `${file} has schema ${version} and this program knows ${schemaVersion}; run the version of the program that made it, or a newer one`,
    );
  }
  if (version < oldestSchemaVersion) {
    throw new StoreOpenError(
      `${file} has schema ${version}, which no release made, and this program reads ${oldestSchemaVersion} and newer; move it away or set DATA_DIR`,
    );
  }
  return version;
}
