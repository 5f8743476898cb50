import { type LeftMark, leftMarkOf, type ReadMark } from "./store-marker.ts";
import type { WalFacts } from "./wal-file.ts";

/** What was found of a store's files at its start. */
export interface FoundFiles {
  readonly mark: ReadMark;
  readonly wal: WalFacts;
  /** Of `events.db`. */
  readonly changeCounter: number;
  readonly fileBytes: number;
}

/** Why a store does not start. */
export interface FileFault {
  /** Says in a sentence what is wrong; FILE stands for the store's file. */
  readonly what: string;
  /** SQLite would take from the write-ahead log what is whole, and it belongs to the file. */
  readonly isWalUsable: boolean;
}

/** How far the counts of a store's file and log may have gone on since its marker was last made durable. */
const countsBetweenMax = 2 ** 20;

const unsure = "nobody can tell whether all that was acknowledged is in FILE";
const cut = (what: string): FileFault => ({ what, isWalUsable: true });
const foreign = (what: string): FileFault => ({ what, isWalUsable: false });

/** Whether the files are those that the last stop left; undefined: they are, as far as their outside tells. */
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
    // The first commit was cut short, and nobody was told that it was done.
    if (left !== undefined && left.salts === undefined) return undefined;
    return foreign("the beginning of FILE-wal is damaged: SQLite would leave out all that is in it");
  }
  return strangeWal(left, wal) ?? strangeFile(found, wal) ?? lostCommits(wal);
}

type ReadWal = Extract<WalFacts, { kind: "read" }>;

/** A log that was not left by the run of the store that the marker tells of. */
function strangeWal(mark: LeftMark | undefined, { salts, beginnings, commits }: ReadWal): FileFault | undefined {
  if (mark === undefined) return undefined;
  const other = foreign("FILE-wal belongs to another store, or to another moment of this one");
  // At most the one commit that nobody was told of before the marker could name the log.
  if (mark.salts === undefined) return beginnings === 0 && commits <= 1 ? undefined : other;
  const later = (salts.first - mark.salts.first) >>> 0;
  if (later === 0) return salts.second === mark.salts.second ? undefined : other;
  return later < countsBetweenMax ? undefined : other;
}

/** A file that is not the one which the log was written for. */
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
