import { chmodSync, renameSync, rmSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ContentCodec } from "../../content-codec.ts";
import { counted } from "../../counted.ts";
import type { MigrationProgress, OnMigration } from "../../migration-progress.ts";
import { StoreFaultError, type StoreFaultReason, StoreOpenError } from "../../store-error.ts";
import { faultOf } from "../faults.ts";
import { makePrivateFile } from "../files/file-modes.ts";
import { syncFile, syncFolderOf } from "../files/sync-folder.ts";
import type { MigrationOptions, MigrationStep } from "./migration.ts";
import { migrationSteps } from "./migration-steps.ts";
import { applicationId, schemaVersion } from "./schema.ts";
import { removeUnfinished, unfinishedName } from "./unfinished-migration.ts";

/** Interval of progress reports, in ms. */
const progressIntervalMs = 3_000;

/** Events migrated before other work gets a turn. */
const turnEvents = 500;

/** Page cache of each file during a migration, in KiB: rows are written in another order than they are in the file. */
const cacheKiB = 64 * 1_024;

/**
 * Migrates a store of an older schema, held only by the caller, to the newest. Each step writes a new file beside the
 * store's. The last one replaces it once it is complete and synced, so that at any crash either the old or the new
 * store is there. Throws StoreOpenError if that is impossible; the file is then unchanged.
 */
export async function migrateFile(file: string, { codec, onMigration }: MigrationOptions): Promise<void> {
  removeUnfinished(file);
  try {
    using holder = new Holder(file);
    const fromSchema = schemaOf(file);
    const steps = Array.from({ length: schemaVersion - fromSchema }, (_, index) => fromSchema + index + 1);
    const progress = new Progress(onMigration, {
      fromSchema,
      toSchema: schemaVersion,
      total: countEvents(file) * steps.length,
    });
    progress.tell();
    let before = file;
    for (const version of steps) {
      const step = migrationSteps[version];
      if (step === undefined) throw new Error(`no step leads to schema ${version}`);
      const after = unfinishedName(file, version);
      await takeStep(step, { before, after, version, codec, onEvent: () => progress.add() });
      if (before !== file) rmSync(before);
      before = after;
    }
    holder.endLog();
    putInPlace(before, file);
    progress.tell();
  } catch (error) {
    removeUnfinished(file);
    throw refusal(file, error);
  }
}

class Progress {
  readonly #onMigration: OnMigration;
  readonly #facts: Omit<MigrationProgress, "done">;
  #done = 0;
  #toldMs = performance.now();

  constructor(onMigration: OnMigration, facts: Omit<MigrationProgress, "done">) {
    this.#onMigration = onMigration;
    this.#facts = facts;
  }

  tell(): void {
    this.#toldMs = performance.now();
    this.#onMigration({ ...this.#facts, done: this.#done });
  }

  add(): Promise<void> | undefined {
    this.#done += 1;
    if (this.#done % turnEvents !== 0) return undefined;
    if (performance.now() - this.#toldMs >= progressIntervalMs) this.tell();
    return nextTurn();
  }
}

/** Holds the file during the migration, and notices when others have it open. */
class Holder {
  readonly #database: DatabaseSync;
  readonly #dataVersion: number;

  /** Writes the log's content into the file. Fails while another program reads or writes the file. */
  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec("PRAGMA synchronous = FULL");
    if (numberOf(this.#database, "PRAGMA wal_checkpoint(TRUNCATE)") !== 0) throw otherProgram();
    this.#dataVersion = numberOf(this.#database, "PRAGMA data_version");
  }

  /**
   * Switches the file out of WAL mode: a remaining log would be applied to its replacement. Fails if another program
   * has the file open or has written it.
   */
  endLog(): void {
    if (numberOf(this.#database, "PRAGMA data_version") !== this.#dataVersion) throw otherProgram();
    this.#database.exec("PRAGMA journal_mode = DELETE");
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

function otherProgram(): Error {
  return new StoreFaultError("STORE_UNAVAILABLE", "another program uses the store's file");
}

function schemaOf(file: string): number {
  using database = new DatabaseSync(file, { readOnly: true });
  return numberOf(database, "PRAGMA user_version");
}

function countEvents(file: string): number {
  using database = new DatabaseSync(file, { readOnly: true });
  return numberOf(database, "SELECT count(*) FROM events");
}

function numberOf(database: DatabaseSync, sql: string): number {
  const statement = database.prepare(sql);
  statement.setReturnArrays(true);
  return (statement.get() as unknown as readonly [number])[0];
}

interface StepOptions {
  readonly before: string;
  readonly after: string;
  readonly version: number;
  readonly codec: ContentCodec;
  readonly onEvent: () => Promise<void> | undefined;
}

/** Makes the file of the next version, checked and synced. */
async function takeStep(step: MigrationStep, { before, after, version, codec, onEvent }: StepOptions): Promise<void> {
  makePrivateFile(after);
  {
    using source = new DatabaseSync(before, { readOnly: true });
    using target = new DatabaseSync(after);
    source.exec(`PRAGMA cache_size = -${cacheKiB}; PRAGMA trusted_schema = OFF`);
    // No journal, because an incomplete file is never used.
    target.exec(
      `PRAGMA secure_delete = ON; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -${cacheKiB}`,
    );
    target.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version}; BEGIN`);
    await step({ source, target, codec, onEvent });
    target.exec("COMMIT");
    check(source, target);
  }
  syncFile(after);
}

function check(source: DatabaseSync, target: DatabaseSync): void {
  for (const table of ["deployments", "heads", "runs", "events"]) {
    const [before, after] = [source, target].map((database) => numberOf(database, `SELECT count(*) FROM ${table}`));
    if (before === after) continue;
    const message = `${counted(before ?? 0, "row")} of ${table} were there, and ${after} of them belong to the store`;
    throw new StoreFaultError("STORE_DAMAGED", message);
  }
  const [found] = target.prepare("PRAGMA integrity_check(1)").all();
  if (found?.integrity_check === "ok") return;
  throw new StoreFaultError("STORE_IO_ERROR", `the new file is not whole: ${found?.integrity_check}`);
}

function putInPlace(made: string, file: string): void {
  // Other users may be allowed to read it on purpose.
  chmodSync(made, statSync(file).mode & 0o777);
  renameSync(made, file);
  syncFolderOf(file);
}

const waysOut: Readonly<Partial<Record<StoreFaultReason, string>>> = {
  STORE_DAMAGED: "run the version of the program that made it, or restore a backup",
  STORE_FULL: "free disk space for a second file of twice its size, and start again",
  STORE_UNAVAILABLE: "stop that program, and start again",
};

function refusal(file: string, error: unknown): StoreOpenError {
  const { reason, message, cause } = faultOf(error);
  const what = reason === "STORE_REFUSED" ? cause : message;
  return new StoreOpenError(
    `${file} cannot be migrated to schema ${schemaVersion} and is unchanged: ${what}; ${waysOut[reason] ?? "fix that, and start again"}`,
    { cause: error },
  );
}
