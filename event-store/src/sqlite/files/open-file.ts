import { accessSync, constants, existsSync, mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { AcceptedLoss } from "../../event-store.ts";
import { StoreFaultError, type StoreFaultReason, StoreOpenError } from "../../store-error.ts";
import { faultOf } from "../faults.ts";
import type { MigrationOptions } from "../migrations/migration.ts";
import { applicationId, oldestSchemaVersion, schema, schemaVersion } from "../migrations/schema.ts";
import { removeUnfinished } from "../migrations/unfinished-migration.ts";
import { readEnds } from "../rows/tree-ends.ts";
import { readFileHeader, stampFile } from "./file-header.ts";
import { hasLog, locationOf } from "./file-location.ts";
import { folderMode, makePrivateFile } from "./file-modes.ts";
import { identityOf, type PlacedFile } from "./file-places.ts";
import { checkPlainFiles } from "./plain-files.ts";
import { settleLastStop } from "./settle-last-stop.ts";
import { cutOffOf, readStoreHeader } from "./store-header.ts";
import { syncFolderOf } from "./sync-folder.ts";
import { removeUnfinishedFile } from "./unfinished-file.ts";

/** Longest wait of a statement for another program, such as a running copy, in ms. */
export const busyTimeoutMs = 2_000;

/** The store's file, held by this process only. */
export interface TakenFile extends PlacedFile {
  /** Change counter of the file's header from now on; SQLite only increases it. */
  readonly changeCounter: number;
  /** Keeps others out until it is closed or the process ends in any way. */
  readonly lock: DatabaseSync;
  /** Accepted loss. */
  readonly acceptedLoss: AcceptedLoss | undefined;
}

/**
 * Takes the store's file for this process only: creates it if missing, migrates an older schema, and checks it. Throws
 * StoreOpenError if it cannot serve, or if it is not the one of the last stop, unless that is accepted.
 */
export async function takeFile(
  file: string,
  options: MigrationOptions & { readonly acceptLoss: boolean },
): Promise<TakenFile> {
  let lock: DatabaseSync | undefined;
  try {
    lock = lockFile(file);
    // For a read-only folder, SQLite only reports that it cannot open the file.
    accessSync(dirname(file), constants.W_OK);
    // Before anything is changed.
    if (existsSync(file)) checkVersion(file);
    const acceptedLoss = await settleLastStop(file, options);
    // Only at the start: a file that disappears while it is open is a fault.
    if (!existsSync(file)) create(file);
    else if (checkVersion(file) < schemaVersion) await bringAlong(file, options);
    else removeUnfinished(file);
    openForAppends(file).close();
    const lost = options.acceptLoss ? await lossOfDeployments(file) : undefined;
    const changeCounter = changeCounterOf(file);
    return { file, identity: `${identityOf(file)}`, changeCounter, lock, acceptedLoss: acceptedLoss ?? lost };
  } catch (error) {
    lock?.close();
    throw openErrorOf(file, error);
  }
}

// Loaded only for an older file, because the service must start fast.
async function bringAlong(file: string, options: MigrationOptions): Promise<void> {
  const { migrateFile } = await import("../migrations/migrate-file.ts");
  await migrateFile(file, options);
}

// Loaded only where a loss is accepted, for the same reason.
async function lossOfDeployments(file: string): Promise<AcceptedLoss | undefined> {
  const { lostDeployments } = await import("../scrub/lost-deployments.ts");
  using database = openForAppends(file);
  const fault = lostDeployments(database);
  return fault === undefined ? undefined : { fault: `${fault} from ${file}`, kept: undefined, events: undefined };
}

/** Converts any error to that of a store that cannot be opened. */
export function openErrorOf(file: string, error: unknown): StoreOpenError {
  if (error instanceof StoreOpenError) return error;
  const { reason, cause } = faultOf(error);
  return new StoreOpenError(`${file} cannot be opened: ${sentences[reason]?.(file, cause) ?? cause}`, { cause: error });
}

const sentences: Readonly<Partial<Record<StoreFaultReason, (file: string, cause: string) => string>>> = {
  STORE_DAMAGED: (file, cause) => `${cutOffOf(file) ?? cause}; go back to a copy with activity_server restore FILE`,
  STORE_FULL: (file) => `the disk of ${dirname(file)} is full; make room on it, and start again`,
  STORE_READ_ONLY: (file) => `${dirname(file)} may only be read; let this program write there, or set DATA_DIR`,
};

// A new one for each start, so that the log of this run does not match a file of another moment.
function changeCounterOf(file: string): number {
  return hasLog(file) ? readFileHeader(file).changeCounter : stampFile(file);
}

/**
 * Keeps all other processes out of a store, with SQLite's lock on an empty file beside it, so that readers of the store
 * are not blocked. Throws StoreOpenError if another process holds it, or if one of its files is none.
 */
export function lockFile(file: string): DatabaseSync {
  checkPlainFiles(file);
  mkdirSync(dirname(file), { recursive: true, mode: folderMode });
  makePrivateFile(`${file}-lock`);
  const lock = new DatabaseSync(`${file}-lock`);
  try {
    lock.exec("PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock.close();
    if ((error as { errcode?: number }).errcode !== 5) throw error;
    throw new StoreOpenError(`another process holds ${file}; stop it, or set another DATA_DIR`);
  }
}

/** Opens the store's file for appends. Refuses a replacement without touching it. */
export function openForAppends(file: string): DatabaseSync {
  const database = new DatabaseSync(locationOf(file, "rw"), { timeout: busyTimeoutMs });
  try {
    checkOurs(database);
    // What is deleted is overwritten, from the first row on, so that an emptied event is in no free part of the file.
    database.exec(
      "PRAGMA secure_delete = ON; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF",
    );
    readEnds(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Opens the store's file for reads, beside the appending connection. */
export function openForReads(file: string): DatabaseSync {
  return new DatabaseSync(file, { readOnly: true, timeout: busyTimeoutMs });
}

/** Closes a possibly broken connection; ignores errors, because the cause is already reported. */
export function closeQuietly(connection: { close(): void } | undefined): void {
  try {
    connection?.close();
  } catch {
    // The system releases the file with the thread.
  }
}

// A file appears under its name only when it is whole: a crash in between leaves nothing that looks like a store.
function create(file: string): void {
  const unfinished = `${file}-new`;
  removeUnfinishedFile(unfinished);
  makePrivateFile(unfinished);
  try {
    using database = new DatabaseSync(unfinished);
    database.exec(`PRAGMA secure_delete = ON; PRAGMA synchronous = FULL; PRAGMA application_id = ${applicationId};
      PRAGMA user_version = ${schemaVersion}; BEGIN; ${schema} COMMIT`);
  } catch (error) {
    removeUnfinishedFile(unfinished);
    throw error;
  }
  renameSync(unfinished, file);
  syncFolderOf(file);
}

// Asked through SQLite: closing a separately opened file would release the locks of all its connections.
function checkOurs(database: DatabaseSync): void {
  const { application_id } = database.prepare("PRAGMA application_id").get() as { application_id: number };
  const { user_version } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  if (application_id === applicationId && user_version === schemaVersion) return;
  throw new StoreFaultError("STORE_DAMAGED", "another file has replaced the store's file");
}

// Read from the file itself, to change nothing; before any connection is open, see checkOurs.
function checkVersion(file: string): number {
  const { schemaVersion: version } = readStoreHeader(file);
  if (version > schemaVersion) {
    throw new StoreOpenError(
      `${file} has schema ${version} but this program supports ${schemaVersion}; run the version that made it, or a newer one`,
    );
  }
  if (version < oldestSchemaVersion) {
    throw new StoreOpenError(
      `${file} has schema ${version}, which no release made; this program supports ${oldestSchemaVersion} and newer; move the file away or set DATA_DIR`,
    );
  }
  return version;
}
