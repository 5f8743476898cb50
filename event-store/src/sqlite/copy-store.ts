import { existsSync, rmSync } from "node:fs";
import { backup, DatabaseSync } from "node:sqlite";
import { StoreOpenError } from "../store-error.ts";
import { makePrivateFile } from "./file-modes.ts";

// All pages in one step: in several, each commit in between would make the copy begin again.
const pagesPerStep = 0x7fff_ffff;

/**
 * Copies a store, which may be in use, into a new file for its owner alone: a moment of it, whole and consistent. Throws
 * StoreOpenError when there is nothing to copy or the target exists.
 */
export async function copyStore(file: string, target: string): Promise<void> {
  if (!existsSync(file)) throw new StoreOpenError(`there is no store ${file} to copy`);
  if (!makePrivateFile(target)) throw new StoreOpenError(`${target} exists; name a new file`);
  try {
    using source = new DatabaseSync(file, { readOnly: true });
    await backup(source, target, { rate: pagesPerStep });
  } catch (error) {
    // Half a copy, or none, is in the way of the next one.
    rmSync(target, { force: true });
    throw error;
  }
}
