import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { keyBytes } from "../../page-token-key.ts";
import { StoreFaultError } from "../../store-error.ts";
import { syncFolderOf } from "./sync-folder.ts";

/**
 * Returns the key for page tokens of the store in this file. It stands in a file of its own beside it, so that a copy of the events
 * can be given away without it.
 */
export function pageTokenKey(file: string): Uint8Array {
  const path = `${file}-page-token-key`;
  const found = readKey(path) ?? makeKey(path);
  if (found.length === keyBytes) return found;
  throw new StoreFaultError("STORE_DAMAGED", `${path} is not the store's key; remove it, and a new one is made`);
}

function readKey(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new StoreFaultError("STORE_UNAVAILABLE", `${path} cannot be read`, { cause: `${error}` });
  }
}

// The file appears under its name only when it is whole.
function makeKey(path: string): Uint8Array {
  const unfinished = `${path}-new`;
  const key = randomBytes(keyBytes);
  try {
    rmSync(unfinished, { force: true });
    const descriptor = openSync(unfinished, "wx", 0o600);
    try {
      writeSync(descriptor, key);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(unfinished, path);
    syncFolderOf(path);
    return key;
  } catch (error) {
    throw new StoreFaultError("STORE_UNAVAILABLE", `${path} cannot be made`, { cause: `${error}` });
  }
}
