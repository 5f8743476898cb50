import { statSync } from "node:fs";
import { StoreFaultError } from "../../store-error.ts";

/** A store's file as it was taken at the start, for those who open it. */
export interface PlacedFile {
  readonly file: string;
  /** Tells it from one that takes its place. */
  readonly identity: string;
}

/** The store's file and its write-ahead log, told from others that take their places. Made while SQLite has both open. */
export class FilePlaces {
  readonly #placed: PlacedFile;
  readonly #walIdentity: string | undefined;

  constructor(placed: PlacedFile) {
    this.#placed = placed;
    this.#walIdentity = identityOf(`${placed.file}-wal`);
  }

  get isFileInPlace(): boolean {
    return isInPlace(this.#placed);
  }

  get isWalInPlace(): boolean {
    return this.#walIdentity !== undefined && identityOf(`${this.#placed.file}-wal`) === this.#walIdentity;
  }

  /** Throws when what was opened is not what has the name any more: what it took would be gone with it. */
  check(): void {
    checkFileInPlace(this.#placed);
    if (!this.isWalInPlace) {
      const message =
        "the store's write-ahead log (-wal) was removed or replaced while it was open; put it back, or stop the service and start it again";
      throw new StoreFaultError("STORE_IO_ERROR", message);
    }
  }
}

/** Throws when the file of this name is not the one that was taken. To open that one would take in what is left of both. */
export function checkFileInPlace(placed: PlacedFile): void {
  if (isInPlace(placed)) return;
  const message =
    "the store's file was removed or replaced while it was open; put it back, or stop the service and restore a copy";
  throw new StoreFaultError("STORE_IO_ERROR", message);
}

function isInPlace({ file, identity }: PlacedFile): boolean {
  return identityOf(file) === identity;
}

/** Tells a file from others that take its name; undefined: there is none. */
export function identityOf(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev}:${found.ino}`;
}
