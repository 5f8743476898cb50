import { type Stats, statSync } from "node:fs";
import { StoreOpenError } from "../../store-error.ts";

/** Throws StoreOpenError if one of a store's names is that of something else, such as a pipe, which never ends. */
export function checkPlainFiles(file: string): void {
  for (const end of ["", "-wal", "-shm", "-marker", "-lock"]) checkPlainFile(`${file}${end}`);
}

/** The same for one file. */
export function checkPlainFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isFile()) return;
  throw new StoreOpenError(`${path} is ${kindOf(found)}, not a file; move it away, or name another place`);
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return "a folder";
  if (found.isFIFO()) return "a named pipe";
  return found.isSocket() ? "a socket" : "a device";
}
