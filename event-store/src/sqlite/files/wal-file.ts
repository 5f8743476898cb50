import { closeSync, openSync, readSync } from "node:fs";
import { type WalChecksum, walChecksum } from "./wal-checksum.ts";

/** The two numbers that SQLite gives each beginning of a write-ahead log: the first counts up, the second is random. */
export interface WalSalts {
  readonly first: number;
  readonly second: number;
}

/** What a write-ahead log holds. */
export type WalFacts =
  /** There is no file, or nothing is in it. */
  | { readonly kind: "empty" }
  /** Its header is not one that SQLite wrote. */
  | { readonly kind: "unreadable" }
  | {
      readonly kind: "read";
      readonly salts: WalSalts;
      /** Times that the log was begun anew since it was made. */
      readonly beginnings: number;
      /** Commits that SQLite would take: those before the first frame that is not whole. */
      readonly commits: number;
      /** The least and the greatest change counter that these commits give the file's header, where they do. */
      readonly counters: { readonly least: number; readonly greatest: number } | undefined;
      /** A commit that ended before another one began is damaged, which no crash explains. */
      readonly lostCommits: boolean;
    };

const headerBytes = 32;
const frameHeaderBytes = 24;

/** The place of the change counter on the first page, in bytes. */
const counterPlace = 24;

/** Bytes of frames that are read at once. */
const chunkBytes = 1024 * 1024;

/** Reads a write-ahead log from its beginning to its end, and changes nothing. */
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

/** The salts of a log that is open; undefined: nothing is in it yet. */
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

/** Undefined: SQLite would take nothing of this log. */
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
    // The rest of a frame that was cut off is no frame.
    for (let at = 0; at + frameBytes <= read; at += frameBytes) yield chunk.subarray(at, at + frameBytes);
    if (read < chunk.length) return;
    position += read;
  }
}

/** Goes along the frames of a log, whose checksums are each carried on from the one before. */
class FrameWalk {
  readonly #header: WalHeader;
  /** What the next frame's checksum is carried on from: the one that the frame before it stores. */
  #before: WalChecksum;
  #isBroken = false;
  /** Behind the first frame that is not whole: the commit that it was part of has ended. */
  #hasEnded = false;
  #lostCommits = false;
  #commits = 0;
  #counters: { least: number; greatest: number } | undefined;
  /** The change counters of the commit that is not at its end yet. */
  #pending: number[] = [];

  constructor(header: WalHeader) {
    this.#header = header;
    this.#before = header.checksum;
  }

  get facts(): WalFacts {
    const { salts, beginnings } = this.#header;
    const [commits, counters, lostCommits] = [this.#commits, this.#counters, this.#lostCommits];
    return { kind: "read", salts, beginnings, commits, counters, lostCommits };
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
      // One commit may have been torn, its pages in any order. It was synced before the next one began.
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
