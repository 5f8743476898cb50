import { rmSync } from "node:fs";

/** Removes a file that SQLite has not finished writing, if there is one. */
export function removeUnfinishedFile(file: string): void {
  for (const end of ["", "-journal"]) rmSync(`${file}${end}`, { force: true });
}
