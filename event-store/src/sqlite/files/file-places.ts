import { statSync } from "node:fs";
import { StoreFaultError } from "../../store-error.ts";

/** The store's file as taken at the start. */
export interface PlacedFile {
  readonly file: string;
  /** Identity of the file, which differs from that of a replacement. */
  readonly identity: string;
}

/** Identities of the store's file and its write-ahead log. Made while SQLite has both open. */
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

  /** Throws if the opened file no longer has its name: its writes would be lost with it. */
  check(): void {
    checkFileInPlace(this.#placed);
    if (!this.isWalInPlace) {
      const message =
        "the store's write-ahead log (-wal) was removed or replaced while it was open; put it back, or stop the service and start it again";
      throw new StoreFaultError("STORE_IO_ERROR", message);
    }
  }
}

/** Throws if the file of this name is not the one taken at the start. Opening it would merge the remains of both. */
export function checkFileInPlace(placed: PlacedFile): void {
  if (isInPlace(placed)) return;
  const message =
    "the store's file was removed or replaced while it was open; put it back, or stop the service and restore a copy";
  throw new StoreFaultError("STORE_IO_ERROR", message);
}

function isInPlace({ file, identity }: PlacedFile): boolean {
  return identityOf(file) === identity;
}

/** Returns the identity of a file; undefined if there is none. */
export function identityOf(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev}:${found.ino}`;
}
