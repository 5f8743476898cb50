import { rmSync } from "node:fs";
import { basename } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { counted } from "../../counted.ts";
import type { AcceptedLoss } from "../../event-store.ts";
import { StoreOpenError } from "../../store-error.ts";
import { firstMarkedSchema, schemaVersion } from "../migrations/schema.ts";
import { lastNumberOf, lastNumberOfOlder } from "../rows/last-number.ts";
import { readFileHeader, sizeOf } from "./file-header.ts";
import { hasLog, locationOf } from "./file-location.ts";
import { copyAside, keptName, moveAside } from "./kept-files.ts";
import { type FileFault, fileFaultOf } from "./last-stop.ts";
import {
  type LeftMark,
  lastNumberOfMark,
  leftMarkOf,
  markerOf,
  type ReadMark,
  readMark,
  writeMark,
} from "./store-marker.ts";
import { finishRestore } from "./swap-files.ts";
import { syncFolderOf } from "./sync-folder.ts";
import { readWal, type WalFacts } from "./wal-file.ts";

/**
 * Checks that the store's files are those of the last stop, and writes the write-ahead log into the file. Throws
 * StoreOpenError, without changing anything, if acknowledged events are or may be missing, unless that is accepted; the
 * affected files are then kept beside.
 */
export async function settleLastStop(
  file: string,
  { acceptLoss }: { readonly acceptLoss: boolean },
): Promise<AcceptedLoss | undefined> {
  let mark = finishRestore(file, readMark(file));
  const fileBytes = sizeOf(file);
  // Opening reports a file that is not a database.
  if (fileBytes !== undefined && !readFileHeader(file).isSqlite) return undefined;
  if (isOfOldProgram(file)) {
    mark = null;
    rmSync(markerOf(file), { force: true });
  }
  const wal = readWal(`${file}-wal`);
  const left = leftMarkOf(mark);
  const fault = await faultIn(file, mark, wal);
  if (fault === undefined && wal.kind === "empty" && left === undefined) return undefined;
  let accepted: AcceptedLoss | undefined;
  let settled = left;
  if (fault !== undefined) {
    const lost = lossOf(file, fault, mark);
    if (!acceptLoss) throw new StoreOpenError(refusal(file, fault, lost));
    const kept = keptName(file, new Date());
    accepted = { fault: named(file, fault.what), kept, events: lost?.events };
    if (fault.isWalUsable) copyAside(file, kept, ["-wal", "-marker"]);
    else moveAside(file, kept, ["-wal", "-shm", "-marker"]);
    // An accepted loss is no longer missing.
    settled = fault.isWalUsable && left !== undefined ? { ...left, lastNumber: 0 } : undefined;
  }
  if (fileBytes !== undefined) takeIn(file, settled);
  if (fileBytes !== undefined || accepted !== undefined) markClosed(file);
  return accepted;
}

/** Returns the fault in a store's files, seen from outside, if any. Changes nothing. */
export async function faultOfFiles(file: string): Promise<string | undefined> {
  const mark = readMark(file);
  if (mark !== null && mark !== "damaged" && mark.state === "restoring") {
    return `${file} is being replaced by a copy; the next start finishes this interrupted restore`;
  }
  if (sizeOf(file) !== undefined && !readFileHeader(file).isSqlite) return undefined;
  const fault = await faultIn(file, isOfOldProgram(file) ? null : mark, readWal(`${file}-wal`));
  return fault === undefined ? undefined : named(file, fault.what);
}

async function faultIn(file: string, mark: ReadMark, wal: WalFacts): Promise<FileFault | undefined> {
  const [fileBytes, left] = [sizeOf(file), leftMarkOf(mark)];
  if (fileBytes === undefined) {
    if (wal.kind !== "empty") return { what: "FILE is missing, but its events are in FILE-wal", isWalUsable: false };
    return mark === null ? undefined : { what: "FILE is missing, although the last stop left it", isWalUsable: false };
  }
  const { changeCounter } = readFileHeader(file);
  const fault = fileFaultOf({ mark, wal, changeCounter, fileBytes });
  if (fault !== undefined && left !== undefined && wal.kind === "empty" && (await hasAll(file, left))) return undefined;
  if (fault !== undefined) return fault;
  if (left === undefined) return faultInClosed(file, mark);
  const last = lastNumberIn(file, { withWal: true });
  if (last >= left.lastNumber) return undefined;
  const what =
    wal.kind === "empty"
      ? "FILE lacks acknowledged events"
      : "FILE-wal is damaged or truncated: it lacks acknowledged events";
  return { what, isWalUsable: true };
}

/**
 * Tells whether a file without its log has every acknowledged event. Opening a killed store with SQLite's shell writes
 * the log into the file. The last event alone is no proof, because a log may have been written in part.
 */
async function hasAll(file: string, { lastNumber }: LeftMark): Promise<boolean> {
  try {
    if (lastNumberIn(file, { withWal: false }) < lastNumber) return false;
    // Loaded on demand, because the service must start fast.
    const { checkStore } = await import("../commands/check-store.ts");
    const { found, olderSchema } = checkStore(file, { deep: true, onProgress: () => {} });
    // Of an older schema only SQLite's own check was made.
    return found === 0 && olderSchema === undefined;
  } catch {
    return false;
  }
}

/** Checks a store that stopped in order: an older copy, put in its place by hand, lacks later events. */
function faultInClosed(file: string, mark: ReadMark): FileFault | undefined {
  const lastNumber = lastNumberOfMark(mark);
  if (lastNumber === undefined || lastNumberIn(file, { withWal: false }) >= lastNumber) return undefined;
  return { what: "FILE lacks events of the last stop: an older file has replaced it", isWalUsable: false };
}

/** Tells whether an older program, which has no markers, wrote the file last; a marker beside it is then outdated. */
function isOfOldProgram(file: string): boolean {
  return sizeOf(file) !== undefined && readFileHeader(file).schemaVersion < firstMarkedSchema;
}

/** Returns the number of the last event in a store's file, without its log or with the part that SQLite would apply. */
function lastNumberIn(file: string, { withWal }: { readonly withWal: boolean }): number {
  using database = new DatabaseSync(locationOf(file, withWal ? "ro" : "ro&immutable=1"), { readOnly: true });
  const { user_version } = database.prepare("PRAGMA user_version").get() as { readonly user_version: number };
  return user_version < schemaVersion ? lastNumberOfOlder(database) : lastNumberOf(database);
}

/** Returns the number of events lost if the start continues; undefined if unknown. */
function lossOf(file: string, fault: FileFault, mark: ReadMark) {
  const acknowledged = lastNumberOfMark(mark);
  if (acknowledged === undefined || sizeOf(file) === undefined) return undefined;
  try {
    const last = lastNumberIn(file, { withWal: fault.isWalUsable });
    return { events: Math.max(0, acknowledged - last), last: acknowledged };
  } catch {
    // Unreadable events are not counted; the message then says unknown.
    return undefined;
  }
}

function named(file: string, what: string): string {
  return what.replaceAll("FILE", file);
}

function refusal(file: string, { what }: FileFault, lost: ReturnType<typeof lossOf>): string {
  const loss =
    lost === undefined
      ? "The number of lost events is unknown."
      : lost.events === 0
        ? `The last acknowledged event is in ${basename(file)}, so probably nothing is lost.`
        : `About ${lost.events} of ${counted(lost.last, "acknowledged event")} ${lost.events === 1 ? "is" : "are"} lost without it.`;
  return [
    `${named(file, what)}.`,
    `${loss} Nothing was changed, and the service does not start. Put the missing files back, or:`,
    "  activity_server restore FILE    replace the store by a backup; the old files are kept beside it",
    "  activity_server --accept-loss   start without the lost events, for good; unusable files are kept beside it",
  ].join("\n");
}

// SQLite applies the log at the first read, and writes it into the file when the last connection closes.
function takeIn(file: string, left: LeftMark | undefined): void {
  using database = new DatabaseSync(locationOf(file, "rw"));
  database.prepare("SELECT count(*) FROM sqlite_schema").get();
  if (left !== undefined) writeMark(file, { ...left, state: "closing" });
}

// If another program has the file open, the log stays, and the marker keeps naming both.
function markClosed(file: string): void {
  if (hasLog(file) || readMark(file) === null) return;
  // A log that reappears after a power loss would be foreign.
  syncFolderOf(file);
  const last = sizeOf(file) === undefined ? {} : { lastNumber: lastNumberIn(file, { withWal: false }) };
  writeMark(file, { state: "closed", ...last });
}
