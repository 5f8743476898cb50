import { closeSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { ExposedPath } from "../../event-store.ts";

/** Mode of folders made for the store: owner only. */
export const folderMode = 0o700;

/** Mode of its files; SQLite gives its own files beside one the same mode. */
const fileMode = 0o600;

/** Mode bits of users other than the owner. */
const others = 0o077;

/** Makes an empty file for its owner only, without opening an existing one. Returns false if it exists. */
export function makePrivateFile(file: string): boolean {
  try {
    closeSync(openSync(file, "wx", fileMode));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Lists the folder and files of a store that other users may access. Windows has no such modes. */
export function exposedPaths(file: string): readonly ExposedPath[] {
  if (process.platform === "win32") return [];
  const paths = [
    dirname(file),
    ...["", "-wal", "-shm", "-lock", "-marker", "-page-token-key"].map((end) => `${file}${end}`),
  ];
  return paths.flatMap((path) => {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
    return (mode & others) === 0 ? [] : [{ path, mode: (mode & 0o777).toString(8) }];
  });
}
