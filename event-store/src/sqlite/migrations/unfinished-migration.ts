import { readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Removes the files of an unfinished migration. */
export function removeUnfinished(file: string): void {
  const folder = dirname(file);
  const prefix = `${basename(file)}-migrating`;
  for (const name of readdirSync(folder)) if (name.startsWith(prefix)) rmSync(join(folder, name), { force: true });
}

/** Returns the name of the file for a version in progress. */
export function unfinishedName(file: string, version: number): string {
  return `${file}-migrating-${version}`;
}
