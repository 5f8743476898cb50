import { type LeftMark, leftMarkOf, type ReadMark } from "./store-marker.ts";
import type { WalFacts } from "./wal-file.ts";

/** State of a store's files at its start. */
export interface FoundFiles {
  readonly mark: ReadMark;
  readonly wal: WalFacts;
  /** Header of `events.db`. */
  readonly changeCounter: number;
  readonly fileBytes: number;
}

/** Reason why a store does not start. */
export interface FileFault {
  /** Sentence about the fault; FILE stands for the store's file. */
  readonly what: string;
  /** True if the log belongs to the file, so that SQLite would apply its intact part. */
  readonly isWalUsable: boolean;
}

/** How far the counts of file and log may have advanced since the marker was last durable. */
const countsBetweenMax = 2 ** 20;

const unsure = "nobody can tell whether all that was acknowledged is in FILE";
const cut = (what: string): FileFault => ({ what, isWalUsable: true });
const foreign = (what: string): FileFault => ({ what, isWalUsable: false });

/** Compares the files with the last stop, from outside; returns the fault, if any. */
export function fileFaultOf(found: FoundFiles): FileFault | undefined {
  const { mark, wal } = found;
  if (mark === "damaged") return cut(`FILE-marker is damaged, so ${unsure}`);
  const left = leftMarkOf(mark);
  if (mark !== null && left === undefined) {
    return wal.kind === "empty" ? undefined : foreign("FILE-wal is not of this store, which left none when it stopped");
  }
  if (wal.kind === "empty") {
    if (left?.state !== "open" || left.salts === undefined) return undefined;
    return foreign("FILE-wal is missing or empty, and the last stop was not in order: the last events were in it");
  }
  if (wal.kind === "unreadable") {
    // The first commit was interrupted, and nobody learnt of it.
    if (left !== undefined && left.salts === undefined) return undefined;
    return foreign("the beginning of FILE-wal is damaged: SQLite would leave out all that is in it");
  }
  return strangeWal(left, wal) ?? strangeFile(found, wal) ?? lostCommits(wal);
}

type ReadWal = Extract<WalFacts, { kind: "read" }>;

/** A log from another run than the marker's. */
function strangeWal(mark: LeftMark | undefined, { salts, beginnings, commits }: ReadWal): FileFault | undefined {
  if (mark === undefined) return undefined;
  const other = foreign("FILE-wal belongs to another store, or to another moment of this one");
  // At most one commit, of which nobody learnt before the marker could name the log.
  if (mark.salts === undefined) return beginnings === 0 && commits <= 1 ? undefined : other;
  const later = (salts.first - mark.salts.first) >>> 0;
  if (later === 0) return salts.second === mark.salts.second ? undefined : other;
  return later < countsBetweenMax ? undefined : other;
}

/** A file to which the log does not belong. */
function strangeFile({ mark, changeCounter, fileBytes }: FoundFiles, { counters }: ReadWal): FileFault | undefined {
  const other = foreign("FILE is not the one that FILE-wal belongs to: another one, or a copy, was put in its place");
  if (counters !== undefined && (changeCounter < counters.least - 1 || changeCounter > counters.greatest)) return other;
  const left = leftMarkOf(mark);
  if (left === undefined) return undefined;
  const later = (changeCounter - left.changeCounter) >>> 0;
  return later < countsBetweenMax && fileBytes >= left.fileBytes ? undefined : other;
}

function lostCommits(wal: ReadWal): FileFault | undefined {
  if (!wal.lostCommits) return undefined;
  return cut("FILE-wal is damaged in its middle: SQLite would leave out the commits behind the damage");
}
