import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";
import { makePrivateFile } from "./file-modes.ts";
import { identityOf } from "./file-places.ts";
import { syncFolderOf } from "./sync-folder.ts";
import type { WalSalts } from "./wal-file.ts";

/** Content of a store's marker: how the files were left, and which belong together. */
export type StoreMark =
  /** The store stopped in order: everything is in its file, and there is no write-ahead log. */
  | {
      readonly state: "closed";
      /** Number of the last event in the file; undefined after a restore, which may have fewer events. */
      readonly lastNumber?: number;
    }
  | {
      /** `closing`: everything may be in the file, so the write-ahead log may be gone. */
      readonly state: "open" | "closing";
      /** Change counter of the file when it was opened; SQLite only increases it. */
      readonly changeCounter: number;
      /** Lower bound of the file's size since, in bytes; it never shrinks. */
      readonly fileBytes: number;
      /** Salts of the write-ahead log; undefined if no commit in it was acknowledged. */
      readonly salts: WalSalts | undefined;
      /** Number of the last acknowledged event. */
      readonly lastNumber: number;
    }
  | {
      /** A copy with this change counter is replacing the file; the next start finishes that. */
      readonly state: "restoring";
      readonly changeCounter: number;
      /** Prefix of the previous files' new names. */
      readonly keptEnd: string;
      /** Marker of the previous store. */
      readonly before: ReadMark;
    };

/** Marker as read; null if there is none, as beside a store of an older version; `damaged` if it is not as written. */
export type ReadMark = StoreMark | "damaged" | null;

/** Marker of a store whose log may have more than its file. */
export type LeftMark = Extract<StoreMark, { readonly state: "open" | "closing" }>;

/** Returns the marker if it is of a store whose log may have more than its file. */
export function leftMarkOf(mark: ReadMark): LeftMark | undefined {
  return mark !== null && mark !== "damaged" && (mark.state === "open" || mark.state === "closing") ? mark : undefined;
}

/** Number of the last acknowledged event. */
export function lastNumberOfMark(mark: ReadMark): number | undefined {
  return mark !== null && mark !== "damaged" && "lastNumber" in mark ? mark.lastNumber : undefined;
}

/** Size of a marker in bytes: constant and within one sector, so that it is overwritten as a whole. */
const markBytes = 512;

/** Returns the name of a store's marker. */
export function markerOf(file: string): string {
  return `${file}-marker`;
}

/** Reads a store's marker. */
export function readMark(file: string): ReadMark {
  let text: string;
  try {
    text = readFileSync(markerOf(file), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  const [checksum, json = ""] = text.trimEnd().split(/ (.*)/s);
  return checksum === checksumOf(json) ? JSON.parse(json) : "damaged";
}

/** A store's marker, kept open by the appender. */
export class StoreMarker {
  readonly #marker: string;
  #descriptor: number;
  #identity: string | undefined;

  /** Writes the marker durably; creates it if missing. */
  constructor(file: string, first: StoreMark) {
    this.#marker = markerOf(file);
    const isThere = identityOf(this.#marker) !== undefined;
    if (!isThere) makeMarker(this.#marker, first);
    this.#identity = identityOf(this.#marker);
    this.#descriptor = openSync(this.#marker, "r+");
    if (isThere) this.write(first);
  }

  /** Writes the marker so that it survives the end of this process; a power loss may revert it by some seconds. */
  note(mark: StoreMark): void {
    if (identityOf(this.#marker) === this.#identity) writeSync(this.#descriptor, textOf(mark), 0);
    else this.#makeAnew(mark);
  }

  /** Makes the marker survive a power loss. */
  write(mark: StoreMark): void {
    this.note(mark);
    fsyncSync(this.#descriptor);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** True if somebody removed or replaced it. */
  #makeAnew(mark: StoreMark): void {
    makeMarker(this.#marker, mark);
    closeSync(this.#descriptor);
    this.#identity = identityOf(this.#marker);
    this.#descriptor = openSync(this.#marker, "r+");
  }
}

function makeMarker(marker: string, mark: StoreMark): void {
  const unfinished = `${marker}-new`;
  rmSync(unfinished, { force: true });
  makePrivateFile(unfinished);
  try {
    writeDurably(unfinished, textOf(mark));
    renameSync(unfinished, marker);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
  syncFolderOf(marker);
}

function writeDurably(file: string, text: string): void {
  const descriptor = openSync(file, "r+");
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Writes a store's marker once. */
export function writeMark(file: string, mark: StoreMark): void {
  new StoreMarker(file, mark).close();
}

function textOf(mark: StoreMark): string {
  const json = JSON.stringify(mark);
  return `${`${checksumOf(json)} ${json}`.padEnd(markBytes - 1)}\n`;
}

function checksumOf(json: string): string {
  return crc32(json).toString(16).padStart(8, "0");
}
