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

/** Largest advance of the counts of file and log since the marker was last durable. */
const countsBetweenMax = 2 ** 20;

const unsure = "it is unknown whether FILE has every acknowledged event";
const cut = (what: string): FileFault => ({ what, isWalUsable: true });
const foreign = (what: string): FileFault => ({ what, isWalUsable: false });

/** Compares the files with the last stop, from outside; returns the fault, if any. */
export function fileFaultOf(found: FoundFiles): FileFault | undefined {
  const { mark, wal } = found;
  if (mark === "damaged") return cut(`FILE-marker is damaged, so ${unsure}`);
  const left = leftMarkOf(mark);
  if (mark !== null && left === undefined) {
    return wal.kind === "empty"
      ? undefined
      : foreign("FILE-wal does not belong to this store, which left none when it stopped");
  }
  if (wal.kind === "empty") {
    if (left?.state !== "open" || left.salts === undefined) return undefined;
    return foreign("FILE-wal is missing or empty, although the last stop was a crash and left the last events in it");
  }
  if (wal.kind === "unreadable") {
    // The first commit was interrupted, and nobody learnt of it.
    if (left !== undefined && left.salts === undefined) return undefined;
    return foreign("the header of FILE-wal is damaged: SQLite would ignore its content");
  }
  return strangeWal(left, wal) ?? strangeFile(found, wal) ?? lostCommits(wal);
}

type ReadWal = Extract<WalFacts, { kind: "read" }>;

/** A log from another run than the marker's. */
function strangeWal(mark: LeftMark | undefined, { salts, beginnings, commits }: ReadWal): FileFault | undefined {
  if (mark === undefined) return undefined;
  const other = foreign("FILE-wal belongs to another store, or to another state of this one");
  // At most one commit, of which nobody learnt before the marker could name the log.
  if (mark.salts === undefined) return beginnings === 0 && commits <= 1 ? undefined : other;
  const later = (salts.first - mark.salts.first) >>> 0;
  if (later === 0) return salts.second === mark.salts.second ? undefined : other;
  return later < countsBetweenMax ? undefined : other;
}

/** A file to which the log does not belong. */
function strangeFile({ mark, changeCounter, fileBytes }: FoundFiles, wal: ReadWal): FileFault | undefined {
  const { counters, commits } = wal;
  // A file grows by the commits of its log alone.
  if (commits > 0 && fileBytes > wal.fileBytes) return foreign("FILE-wal is of an earlier moment than FILE");
  const other = foreign("FILE-wal does not belong to FILE, which was replaced by another file or a copy");
  if (counters !== undefined && (changeCounter < counters.least - 1 || changeCounter > counters.greatest)) return other;
  const left = leftMarkOf(mark);
  if (left === undefined) return undefined;
  const later = (changeCounter - left.changeCounter) >>> 0;
  return later < countsBetweenMax && fileBytes >= left.fileBytes ? undefined : other;
}

function lostCommits(wal: ReadWal): FileFault | undefined {
  if (!wal.lostCommits) return undefined;
  return cut("FILE-wal is damaged in the middle: SQLite would ignore the commits after the damage");
}
