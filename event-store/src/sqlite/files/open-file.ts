import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { AcceptedLoss } from "../../event-store.ts";
import { StoreFaultError, type StoreFaultReason, StoreOpenError } from "../../store-error.ts";
import { faultOf } from "../faults.ts";
import type { MigrationOptions } from "../migrations/migration.ts";
import { applicationId, oldestSchemaVersion, schema, schemaVersion } from "../migrations/schema.ts";
import { removeUnfinished } from "../migrations/unfinished-migration.ts";
import { readFileHeader, stampFile } from "./file-header.ts";
import { hasLog, locationOf } from "./file-location.ts";
import { folderMode, makePrivateFile } from "./file-modes.ts";
import { identityOf, type PlacedFile } from "./file-places.ts";
import { settleLastStop } from "./settle-last-stop.ts";
import { syncFolderOf } from "./sync-folder.ts";

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

/** A store's file that is this process's alone. */
export interface TakenFile extends PlacedFile {
  /** Of the file's header, from here on; SQLite only adds to it. */
  readonly changeCounter: number;
  /** Keeps others out until it is closed, or the process ends, however it ends. */
  readonly lock: DatabaseSync;
  /** What was lost and is to be done without, as whoever started it has accepted. */
  readonly acceptedLoss: AcceptedLoss | undefined;
}

/**
 * Takes the store's file for this process alone; makes it when it is not there, brings one of an older schema to the newest,
 * and looks it through. Throws StoreOpenError when it cannot serve, or when it is not what the last stop left, unless that is
 * accepted.
 */
export async function takeFile(
  file: string,
  options: MigrationOptions & { readonly acceptLoss: boolean },
): Promise<TakenFile> {
  let lock: DatabaseSync | undefined;
  try {
    lock = lockFile(file);
    // SQLite says of a folder that may only be read that it cannot open the file.
    accessSync(dirname(file), constants.W_OK);
    // Before anything of it is touched.
    if (existsSync(file)) checkVersion(file);
    const acceptedLoss = await settleLastStop(file, options);
    // At the start only: a file that goes while it is open is a fault.
    if (!existsSync(file)) create(file);
    else if (checkVersion(file) < schemaVersion) await bringAlong(file, options);
    else removeUnfinished(file);
    openForAppends(file).close();
    return { file, identity: `${identityOf(file)}`, changeCounter: changeCounterOf(file), lock, acceptedLoss };
  } catch (error) {
    lock?.close();
    throw openErrorOf(file, error);
  }
}

// Loaded only when there is an older file: the service is to start at once.
async function bringAlong(file: string, options: MigrationOptions): Promise<void> {
  const { migrateFile } = await import("../migrations/migrate-file.ts");
  await migrateFile(file, options);
}

/** The error of a store that cannot be opened, from whatever was thrown. */
export function openErrorOf(file: string, error: unknown): StoreOpenError {
  if (error instanceof StoreOpenError) return error;
  const { reason, cause } = faultOf(error);
  return new StoreOpenError(`${file} cannot be opened: ${sentences[reason]?.(file, cause) ?? cause}`, { cause: error });
}

const sentences: Readonly<Partial<Record<StoreFaultReason, (file: string, cause: string) => string>>> = {
  STORE_DAMAGED: (_, cause) => `${cause}; go back to a copy with activity_server restore FILE`,
  STORE_FULL: (file) => `the disk of ${dirname(file)} is full; make room on it, and start again`,
  STORE_READ_ONLY: (file) => `${dirname(file)} may only be read; let this program write there, or set DATA_DIR`,
};

// Another one for each start, so that the log of this run is told from a file of another moment.
function changeCounterOf(file: string): number {
  return hasLog(file) ? readFileHeader(file).changeCounter : stampFile(file);
}

/**
 * Keeps all others out of a store. The lock is one of SQLite's own on an empty file beside the store, so that readers of
 * the store are not shut out. Throws StoreOpenError when another process has it.
 */
export function lockFile(file: string): DatabaseSync {
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
  const database = new DatabaseSync(locationOf(file, "rw"), { timeout: busyTimeoutMs });
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

// A file appears under its name only when it is whole: a crash in between leaves nothing that looks like a store.
function create(file: string): void {
  const unfinished = `${file}-new`;
  removeUnfinishedFile(unfinished);
  makePrivateFile(unfinished);
  try {
    using database = new DatabaseSync(unfinished);
    database.exec(`PRAGMA synchronous = FULL; PRAGMA application_id = ${applicationId};
      PRAGMA user_version = ${schemaVersion}; BEGIN; ${schema} COMMIT`);
  } catch (error) {
    removeUnfinishedFile(unfinished);
    throw error;
  }
  renameSync(unfinished, file);
  syncFolderOf(file);
}

function removeUnfinishedFile(file: string): void {
  for (const left of [file, `${file}-journal`]) rmSync(left, { force: true });
}

// Asked through SQLite: to close a file that was opened beside it would let go of the locks of all its connections.
function checkOurs(database: DatabaseSync): void {
  const { application_id } = database.prepare("PRAGMA application_id").get() as { application_id: number };
  const { user_version } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  if (application_id === applicationId && user_version === schemaVersion) return;
  throw new StoreFaultError("STORE_DAMAGED", "what is in the place of the store's file is no store of this program");
}

// Read from the file itself, so that nothing of it is changed; before any connection is open, see checkOurs.
function checkVersion(file: string): number {
  const { isSqlite, applicationId: found, schemaVersion: version } = readFileHeader(file);
  if (!isSqlite || found !== applicationId) {
    throw new StoreOpenError(
      `${file} is no event store of this program, or is damaged; go back to a copy with activity_server restore FILE, or set DATA_DIR`,
    );
  }
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
