import { closeSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { ExposedPath } from "../../event-store.ts";

/** Folders that are made for the store are for their owner alone. */
export const folderMode = 0o700;

/** So are its files; SQLite gives those that it makes beside one the mode of that one. */
const fileMode = 0o600;

/** Bits of a mode by which others than the owner may do anything. */
const others = 0o077;

/** Makes an empty file for its owner alone, unless it is there; one that is there is not opened. False: it is there. */
export function makePrivateFile(file: string): boolean {
  try {
    closeSync(openSync(file, "wx", fileMode));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** The folder and the files of a store that others than their owner may use. Windows has no such modes. */
export function exposedPaths(file: string): readonly ExposedPath[] {
  if (process.platform === "win32") return [];
  const paths = [dirname(file), ...["", "-wal", "-shm", "-lock", "-marker"].map((end) => `${file}${end}`)];
  return paths.flatMap((path) => {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
    return (mode & others) === 0 ? [] : [{ path, mode: (mode & 0o777).toString(8) }];
  });
}
