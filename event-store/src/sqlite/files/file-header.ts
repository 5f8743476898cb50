import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readSync, statSync, writeSync } from "node:fs";

/** Fields of the first 100 bytes of a database (sqlite.org/fileformat2.html#the_database_header). */
export interface FileHeader {
  readonly isSqlite: boolean;
  /** Whether SQLite may read and write the format. Of a later one it would only read, which looks like a folder without the right to write. */
  readonly isKnownFormat: boolean;
  readonly applicationId: number;
  readonly schemaVersion: number;
  /** SQLite changes it with the first page; `stampFile` sets its own value. */
  readonly changeCounter: number;
  /** Size of the file when the header was written; undefined if the header does not know it. */
  readonly bytes: number | undefined;
}

const [counterPlace, validForPlace] = [24, 92];
const [pageBytesPlace, pagesPlace] = [16, 28];

/**
 * Reads the header from the file itself. Not while this process has it open with SQLite: closing a file releases all
 * locks of the process on it.
 */
export function readFileHeader(file: string): FileHeader {
  const header = Buffer.alloc(100);
  const descriptor = openSync(file, "r");
  try {
    readSync(descriptor, header, 0, header.length, 0);
  } finally {
    closeSync(descriptor);
  }
  return {
    isSqlite: header.toString("latin1", 0, 16) === "SQLite format 3\0",
    isKnownFormat: header.subarray(18, 20).every((version) => version === 1 || version === 2),
    applicationId: header.readUInt32BE(68),
    schemaVersion: header.readUInt32BE(60),
    changeCounter: header.readUInt32BE(counterPlace),
    bytes: bytesIn(header),
  };
}

function bytesIn(header: Buffer): number | undefined {
  if (header.readUInt32BE(counterPlace) !== header.readUInt32BE(validForPlace)) return undefined;
  const pageBytes = header.readUInt16BE(pageBytesPlace);
  return (pageBytes === 1 ? 65_536 : pageBytes) * header.readUInt32BE(pagesPlace);
}

/**
 * Sets a random change counter in the file, durably, and returns it, so that the header tells copies of other moments
 * apart. As for readFileHeader, the file must not be open; it must also have no write-ahead log.
 */
export function stampFile(file: string): number {
  // Far below the maximum, so that SQLite's increments keep it greater.
  const counter = randomBytes(4).readUInt32BE() % 0xf000_0000;
  const descriptor = openSync(file, "r+");
  try {
    const part = Buffer.alloc(validForPlace + 4 - counterPlace);
    readSync(descriptor, part, 0, part.length, counterPlace);
    part.writeUInt32BE(counter, 0);
    // SQLite trusts the header's page count only if these two are equal.
    part.writeUInt32BE(counter, validForPlace - counterPlace);
    writeSync(descriptor, part, 0, part.length, counterPlace);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return counter;
}

/** Returns the size of a file in bytes; undefined if there is none. */
export function sizeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.size;
}
