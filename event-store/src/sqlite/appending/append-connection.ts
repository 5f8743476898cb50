import { closeSync, openSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { limits } from "../../limits.ts";
import { StoreFaultError } from "../../store-error.ts";
import { type Fault, faultOf, isDamage } from "../faults.ts";
import { sizeOf } from "../files/file-header.ts";
import { checkFileInPlace, FilePlaces, type PlacedFile } from "../files/file-places.ts";
import { keptName, moveAside } from "../files/kept-files.ts";
import { busyTimeoutMs, openForAppends } from "../files/open-file.ts";
import { leftMarkOf, type ReadMark, readMark, type StoreMark, StoreMarker } from "../files/store-marker.ts";
import { syncFolderOf } from "../files/sync-folder.ts";
import type { Unallocated } from "../files/unallocated.ts";
import { readWal, saltsOf, type WalSalts } from "../files/wal-file.ts";
import { lastNumberOf } from "../rows/last-number.ts";
import { acceptLostDeployments } from "../scrub/lost-deployments.ts";
import { type AppendCall, type AppendOutcome, GroupAppender } from "./append-group.ts";
import type { DamagedDeployments } from "./damaged-deployments.ts";
import { type Edit, type Edited, makeEdit } from "./edits.ts";
import { emptyFile, emptyLog, isUnemptied } from "./empty-files.ts";

/** The store's file, as taken at the start. */
export interface AppendedFile extends PlacedFile {
  /** Change counter of its header at that time. */
  readonly changeCounter: number;
  /** True if ids of lost deployments may be given out again. */
  readonly acceptLoss: boolean;
}

/** The appending connection, and the marker, which records what belongs to the file before anyone learns of a commit. */
export class AppendConnection {
  readonly #file: string;
  readonly #changeCounter: number;
  readonly #database: DatabaseSync;
  readonly #appender: GroupAppender;
  readonly #places: FilePlaces;
  readonly #marker: StoreMarker;
  readonly #wal: number;
  #salts: WalSalts | undefined;
  readonly #unallocated: Unallocated;
  #lastNumber: number;
  #fileBytes: number;
  /** True if removed bytes may still be in unallocated parts of the files. */
  #isUnemptied: boolean;
  /** Time of the last attempt to empty them, or of the last edit that put it off, in ms since 1970. */
  #emptiedMs = 0;

  /** Opens the files. Throws if they cannot be appended to or lack acknowledged events. */
  constructor(taken: AppendedFile, damaged: DamagedDeployments, unallocated: Unallocated) {
    const { file, changeCounter, acceptLoss } = taken;
    this.#file = file;
    this.#changeCounter = changeCounter;
    this.#unallocated = unallocated;
    checkFileInPlace(taken);
    this.#database = openForAppends(file);
    try {
      if (acceptLoss) acceptLostDeployments(this.#database);
      this.#appender = new GroupAppender(this.#database, damaged);
      this.#places = new FilePlaces(taken);
      this.#lastNumber = lastNumberOf(this.#database);
      checkNothingLost(readMark(file), this.#lastNumber);
      this.#fileBytes = sizeOf(file) ?? 0;
      const wal = readWal(`${file}-wal`);
      // A log without a commit may restart with other salts.
      this.#salts = wal.kind === "read" && wal.commits > 0 ? wal.salts : undefined;
      this.#marker = new StoreMarker(file, this.#mark("open"));
      this.#wal = openSync(`${file}-wal`, "r");
      this.#isUnemptied = isUnemptied(this.#database);
      // What a process that was killed has left to do.
      this.emptyInPassing();
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** Like GroupAppender.append. Also throws if the files are not in place; nothing is then acknowledged. */
  append(calls: readonly AppendCall[]): readonly AppendOutcome[] {
    this.#places.check();
    const outcomes = this.#appender.append(calls);
    this.#places.check();
    this.#noteCommit();
    return outcomes;
  }

  /**
   * Makes one edit. If it, or an earlier one, has removed bytes, these are then in none of the files, unless a purge leaves that for later;
   * `unemptied` is the fault if another program keeps them there. Throws as GroupAppender.change does, and if the files are not in place.
   */
  edit(edit: Edit): { readonly edited: Edited; readonly unemptied: Fault | undefined } {
    this.#places.check();
    const edited = makeEdit(this.#appender, edit);
    this.#places.check();
    this.#noteCommit();
    // A purge that has more to remove needs no emptied files in between.
    if (edited.kind === "purged" && edited.more) return { edited, unemptied: undefined };
    if (edit.kind === "purgeSome" && edit.emptyLater) {
      // If nobody empties them, `emptyInPassing` does, a while after the last such purge.
      this.#isUnemptied = isUnemptied(this.#database);
      this.#emptiedMs = Date.now();
      return { edited, unemptied: undefined };
    }
    this.#isUnemptied = isUnemptied(this.#database);
    return { edited, unemptied: this.#isUnemptied ? this.#empty() : undefined };
  }

  // Steps, each harmless when the process dies at it, because `unemptied` then still has a row, and the next start begins anew:
  // 1. The marker says that the log may be gone: everything is about to be in the file.
  // 2. The log is written into the file, and truncated. Until the next commit the marker keeps saying so.
  // 3. Under the write lock the unallocated parts of the file are overwritten, and then the row deleted.
  // 4. The marker notes the log that this commit has begun.
  #empty(): Fault | undefined {
    this.#emptiedMs = Date.now();
    try {
      this.#marker.write(this.#mark("closing"));
      const isLogEmpty = () => saltsOf(this.#wal) === undefined;
      const isEmptied =
        (isLogEmpty() || emptyLog(this.#database)) && emptyFile(this.#database, this.#unallocated, isLogEmpty);
      this.#isUnemptied = !isEmptied;
      if (!isEmptied) this.#marker.write(this.#mark("open"));
      this.#noteCommit();
      return isEmptied ? undefined : faultOf(notEmptied());
    } catch (error) {
      if (!isDamage(error)) throw error;
      return faultOf(error);
    }
  }

  /** Empties what another program has kept from being emptied, or a purge has left for later, without waiting for anybody. */
  emptyInPassing(): void {
    if (!this.#isUnemptied || Date.now() < this.#emptiedMs + limits.sqliteEmptyAgainMs) return;
    this.#database.exec("PRAGMA busy_timeout = 0");
    try {
      this.#empty();
    } finally {
      this.#database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
    }
  }

  /**
   * Tells whether the write-ahead log is open only here, because somebody took its name away. Its content is then
   * written to the file, and the connection must stay, because the log may be put back.
   */
  saveLostLog(): boolean {
    if (!this.#places.isFileInPlace || this.#places.isWalInPlace) return false;
    const { busy, log, checkpointed } = this.#database.prepare("PRAGMA wal_checkpoint(FULL)").get() as {
      readonly busy: number;
      readonly log: number;
      readonly checkpointed: number;
    };
    if (busy === 0 && log === checkpointed) this.#marker.write(this.#mark("closing"));
    return true;
  }

  /** Closes the files; the log's content is written to the file unless another connection is open. */
  close(): void {
    try {
      if (this.#places.isFileInPlace) this.#closeInPlace();
      else this.#appender.close();
    } finally {
      closeSync(this.#wal);
      this.#marker.close();
    }
  }

  #closeInPlace(): void {
    this.#marker.write(this.#mark("closing"));
    // SQLite removes any file with the name of its log.
    if (!this.#places.isWalInPlace) moveAside(this.#file, keptName(this.#file, new Date()), ["-wal"]);
    this.#appender.close();
    if (sizeOf(`${this.#file}-wal`) !== undefined) return;
    // A log that reappears after a power loss would be foreign.
    syncFolderOf(this.#file);
    this.#marker.write({ state: "closed", lastNumber: this.#lastNumber });
  }

  /** Before the commit is acknowledged. */
  #noteCommit(): void {
    const salts = saltsOf(this.#wal);
    // Nothing was written since the log was emptied.
    if (salts === undefined) return;
    const lastNumber = Math.max(this.#lastNumber, this.#appender.lastNumber);
    const isSameLog = salts?.first === this.#salts?.first && salts?.second === this.#salts?.second;
    if (isSameLog && lastNumber === this.#lastNumber) return;
    if (!isSameLog) this.#fileBytes = sizeOf(this.#file) ?? 0;
    this.#salts = salts;
    this.#lastNumber = lastNumber;
    const mark = this.#mark("open");
    // After a power loss, a log with other salts than the marker's would be foreign.
    if (isSameLog) this.#marker.note(mark);
    else this.#marker.write(mark);
  }

  #mark(state: "open" | "closing"): StoreMark {
    const [changeCounter, fileBytes] = [this.#changeCounter, this.#fileBytes];
    return { state, changeCounter, fileBytes, salts: this.#salts, lastNumber: this.#lastNumber };
  }
}

function notEmptied(): StoreFaultError {
  const message =
    "the change is stored, but another program reads the store's file, so what was removed is still in its log; repeat the call";
  return new StoreFaultError("STORE_UNAVAILABLE", message);
}

// If the file is reopened after a fault, somebody may have changed the files meanwhile.
function checkNothingLost(mark: ReadMark, lastNumber: number): void {
  if ((leftMarkOf(mark)?.lastNumber ?? 0) <= lastNumber) return;
  const message = "the store's files have lost acknowledged events; restart the service";
  throw new StoreFaultError("STORE_DAMAGED", message);
}
