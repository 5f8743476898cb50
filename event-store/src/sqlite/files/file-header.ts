import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readSync, statSync, writeSync } from "node:fs";

/** What the first 100 bytes of a database tell (sqlite.org/fileformat2.html#the_database_header). */
export interface FileHeader {
  readonly isSqlite: boolean;
  readonly applicationId: number;
  readonly schemaVersion: number;
  /** Changed by SQLite with the first page; `stampFile` gives it a value of its own. */
  readonly changeCounter: number;
}

const [counterPlace, validForPlace] = [24, 92];

/**
 * Reads the header from the file itself. Not while this process has it open with SQLite: to close a file lets go of all
 * locks that the process has on it.
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
    applicationId: header.readUInt32BE(68),
    schemaVersion: header.readUInt32BE(60),
    changeCounter: header.readUInt32BE(counterPlace),
  };
}

/**
 * Gives the file a random change counter, durably, and answers it: so a copy of another moment is told from it by its
 * header. Like readFileHeader not while it is open, and only when it has no write-ahead log.
 */
export function stampFile(file: string): number {
  // Far from the end of its range, so that what SQLite adds to it stays a greater number.
  const counter = randomBytes(4).readUInt32BE() % 0xf000_0000;
  const descriptor = openSync(file, "r+");
  try {
    const part = Buffer.alloc(validForPlace + 4 - counterPlace);
    readSync(descriptor, part, 0, part.length, counterPlace);
    part.writeUInt32BE(counter, 0);
    // SQLite believes the page count of the header only while these two are the same.
    part.writeUInt32BE(counter, validForPlace - counterPlace);
    writeSync(descriptor, part, 0, part.length, counterPlace);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return counter;
}

/** The size of a file in bytes; undefined: there is none. */
export function sizeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.size;
}
