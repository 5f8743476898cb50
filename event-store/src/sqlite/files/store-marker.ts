import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";
import { makePrivateFile } from "./file-modes.ts";
import { identityOf } from "./file-places.ts";
import { syncFolderOf } from "./sync-folder.ts";
import type { WalSalts } from "./wal-file.ts";

/** What a store's marker says of its files: how they were left, and what belongs together. */
export type StoreMark =
  /** The store was stopped in order: all is in its file, and there is no write-ahead log. */
  | {
      readonly state: "closed";
      /** The number of the last event in the file; undefined: a copy was put in its place, which may have fewer than before. */
      readonly lastNumber?: number;
    }
  | {
      /** `closing`: all may be in the file, so that the write-ahead log may be gone. */
      readonly state: "open" | "closing";
      /** The change counter that the file had when it was opened; SQLite only adds to it. */
      readonly changeCounter: number;
      /** The least size that the file has had since, in bytes; it never shrinks. */
      readonly fileBytes: number;
      /** Of the write-ahead log; undefined: no commit in it has been acknowledged. */
      readonly salts: WalSalts | undefined;
      /** The number of the last event that was acknowledged. */
      readonly lastNumber: number;
    }
  | {
      /** A copy with this change counter is being put in the file's place; that is finished, not undone. */
      readonly state: "restoring";
      readonly changeCounter: number;
      /** What the names of the files of before get at their beginning's end. */
      readonly keptEnd: string;
      /** The marker of what was there before. */
      readonly before: ReadMark;
    };

/** What is read of a marker; null: there is none, as beside a store of an older version. `damaged`: it is not as written. */
export type ReadMark = StoreMark | "damaged" | null;

/** What a marker says of a store whose log may hold what its file does not. */
export type LeftMark = Extract<StoreMark, { readonly state: "open" | "closing" }>;

/** The marker of a store whose log may hold what its file does not; undefined: it says nothing of that. */
export function leftMarkOf(mark: ReadMark): LeftMark | undefined {
  return mark !== null && mark !== "damaged" && (mark.state === "open" || mark.state === "closing") ? mark : undefined;
}

/** The number of the last event that a marker says to be acknowledged; undefined: it says nothing of that. */
export function lastNumberOfMark(mark: ReadMark): number | undefined {
  return mark !== null && mark !== "damaged" && "lastNumber" in mark ? mark.lastNumber : undefined;
}

/** Bytes of a marker: always the same, within one sector, so that it is written over whole. */
const markBytes = 512;

/** The name of a store's marker. */
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

/** A store's marker, kept open by who appends. */
export class StoreMarker {
  readonly #marker: string;
  #descriptor: number;
  #identity: string | undefined;

  /** Writes this into the marker, and makes it where there is none; it survives a power loss. */
  constructor(file: string, first: StoreMark) {
    this.#marker = markerOf(file);
    const isThere = identityOf(this.#marker) !== undefined;
    if (!isThere) makeMarker(this.#marker, first);
    this.#identity = identityOf(this.#marker);
    this.#descriptor = openSync(this.#marker, "r+");
    if (isThere) this.write(first);
  }

  /** Survives the end of this process, however it ends; a power loss may take it back by some seconds. */
  note(mark: StoreMark): void {
    if (identityOf(this.#marker) === this.#identity) writeSync(this.#descriptor, textOf(mark), 0);
    else this.#makeAnew(mark);
  }

  /** Survives a power loss as well. */
  write(mark: StoreMark): void {
    this.note(mark);
    fsyncSync(this.#descriptor);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** Somebody removed or replaced it. */
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
  const descriptor = openSync(unfinished, "r+");
  try {
    writeSync(descriptor, textOf(mark), 0);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(unfinished, marker);
  syncFolderOf(marker);
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
