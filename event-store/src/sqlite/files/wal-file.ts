import { closeSync, openSync, readSync } from "node:fs";
import { type WalChecksum, walChecksum } from "./wal-checksum.ts";

/** Salts that SQLite sets at each restart of a write-ahead log: the first counts up, the second is random. */
export interface WalSalts {
  readonly first: number;
  readonly second: number;
}

/** Content of a write-ahead log. */
export type WalFacts =
  /** Missing or empty. */
  | { readonly kind: "empty" }
  /** Its header is not SQLite's. */
  | { readonly kind: "unreadable" }
  | {
      readonly kind: "read";
      readonly salts: WalSalts;
      /** Number of restarts of the log. */
      readonly beginnings: number;
      /** Commits that SQLite would apply: those before the first incomplete frame. */
      readonly commits: number;
      /** Size of the file with these commits, in bytes; 0 without any. */
      readonly fileBytes: number;
      /** Lowest and highest change counter that these commits set in the file's header, if any. */
      readonly counters: { readonly least: number; readonly greatest: number } | undefined;
      /** True if a commit that ended before another started is damaged, which no crash explains. */
      readonly lostCommits: boolean;
    };

const headerBytes = 32;
const frameHeaderBytes = 24;

/** Offset of the change counter on the first page, in bytes. */
const counterPlace = 24;

/** Bytes of frames per read. */
const chunkBytes = 1024 * 1024;

/** Reads a whole write-ahead log without changing it. */
export function readWal(wal: string): WalFacts {
  let descriptor: number;
  try {
    descriptor = openSync(wal, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { kind: "empty" };
    throw error;
  }
  try {
    const header = Buffer.alloc(headerBytes);
    const read = readSync(descriptor, header, 0, headerBytes, 0);
    if (read === 0) return { kind: "empty" };
    const parsed = parseHeader(header);
    if (parsed === undefined) return { kind: "unreadable" };
    const walk = new FrameWalk(parsed);
    for (const frame of frames(descriptor, frameHeaderBytes + parsed.pageBytes)) walk.take(frame);
    return walk.facts;
  } finally {
    closeSync(descriptor);
  }
}

/** Returns the salts of an open log; undefined if it is empty. */
export function saltsOf(descriptor: number): WalSalts | undefined {
  const header = Buffer.alloc(headerBytes);
  if (readSync(descriptor, header, 0, headerBytes, 0) < headerBytes) return undefined;
  return { first: header.readUInt32BE(16), second: header.readUInt32BE(20) };
}

interface WalHeader {
  readonly isBigEndian: boolean;
  readonly pageBytes: number;
  readonly beginnings: number;
  readonly salts: WalSalts;
  readonly checksum: WalChecksum;
}

/** Undefined if SQLite would apply nothing of this log. */
function parseHeader(header: Buffer): WalHeader | undefined {
  const magic = header.readUInt32BE(0);
  if (magic !== 0x377f0682 && magic !== 0x377f0683) return undefined;
  const isBigEndian = magic === 0x377f0683;
  const pageBytes = header.readUInt32BE(8);
  const isPage = pageBytes >= 512 && pageBytes <= 65_536 && (pageBytes & (pageBytes - 1)) === 0;
  const checksum = walChecksum({ first: 0, second: 0 }, header.subarray(0, 24), isBigEndian);
  if (!isPage || !isSame(checksum, checksumAt(header, 24))) return undefined;
  return {
    isBigEndian,
    pageBytes,
    beginnings: header.readUInt32BE(12),
    salts: { first: header.readUInt32BE(16), second: header.readUInt32BE(20) },
    checksum,
  };
}

function* frames(descriptor: number, frameBytes: number): Generator<Buffer> {
  const chunk = Buffer.alloc(Math.max(1, Math.floor(chunkBytes / frameBytes)) * frameBytes);
  let position = headerBytes;
  for (;;) {
    const read = readSync(descriptor, chunk, 0, chunk.length, position);
    // A truncated frame does not count.
    for (let at = 0; at + frameBytes <= read; at += frameBytes) yield chunk.subarray(at, at + frameBytes);
    if (read < chunk.length) return;
    position += read;
  }
}

/** Walks the frames of a log; each checksum continues the previous one. */
class FrameWalk {
  readonly #header: WalHeader;
  /** Start of the next frame's checksum: the one stored in the previous frame. */
  #before: WalChecksum;
  #isBroken = false;
  /** True after the first incomplete frame, whose commit is over. */
  #hasEnded = false;
  #lostCommits = false;
  #commits = 0;
  #pages = 0;
  #counters: { least: number; greatest: number } | undefined;
  /** Change counters of the unfinished commit. */
  #pending: number[] = [];

  constructor(header: WalHeader) {
    this.#header = header;
    this.#before = header.checksum;
  }

  get facts(): WalFacts {
    const { salts, beginnings, pageBytes } = this.#header;
    const fileBytes = this.#pages * pageBytes;
    const [commits, counters, lostCommits] = [this.#commits, this.#counters, this.#lostCommits];
    return { kind: "read", salts, beginnings, commits, fileBytes, counters, lostCommits };
  }

  take(frame: Buffer): void {
    if (this.#lostCommits) return;
    const { salts, isBigEndian } = this.#header;
    const isOfThisBeginning = frame.readUInt32BE(8) === salts.first && frame.readUInt32BE(12) === salts.second;
    const stored = checksumAt(frame, 16);
    const isCommit = isOfThisBeginning && frame.readUInt32BE(4) !== 0;
    const isWhole = isOfThisBeginning && isSame(this.#checksumOf(frame, isBigEndian), stored);
    this.#before = stored;
    if (!this.#isBroken && isWhole) this.#takeWhole(frame, isCommit);
    else if (!this.#isBroken) {
      this.#isBroken = true;
      this.#hasEnded = isCommit;
    } else if (isWhole) {
      // One commit may be torn, with its pages in any order. It was synced before the next one started.
      this.#lostCommits = this.#hasEnded;
      this.#hasEnded ||= isCommit;
    }
  }

  #checksumOf(frame: Buffer, isBigEndian: boolean): WalChecksum {
    const ofPlace = walChecksum(this.#before, frame.subarray(0, 8), isBigEndian);
    return walChecksum(ofPlace, frame.subarray(frameHeaderBytes), isBigEndian);
  }

  #takeWhole(frame: Buffer, isCommit: boolean): void {
    if (frame.readUInt32BE(0) === 1) this.#pending.push(frame.readUInt32BE(frameHeaderBytes + counterPlace));
    if (!isCommit) return;
    this.#commits += 1;
    this.#pages = frame.readUInt32BE(4);
    for (const counter of this.#pending.splice(0)) {
      const { least, greatest } = this.#counters ?? { least: counter, greatest: counter };
      this.#counters = { least: Math.min(least, counter), greatest: Math.max(greatest, counter) };
    }
  }
}

function checksumAt(bytes: Buffer, place: number): WalChecksum {
  return { first: bytes.readUInt32BE(place), second: bytes.readUInt32BE(place + 4) };
}

function isSame(one: WalChecksum, other: WalChecksum): boolean {
  return one.first === other.first && one.second === other.second;
}
