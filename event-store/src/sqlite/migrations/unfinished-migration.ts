import { readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Removes what a migration left that did not come to its end. */
export function removeUnfinished(file: string): void {
  const folder = dirname(file);
  const prefix = `${basename(file)}-migrating`;
  for (const name of readdirSync(folder)) if (name.startsWith(prefix)) rmSync(join(folder, name), { force: true });
}

/** The name of the file that becomes the one of a version. */
export function unfinishedName(file: string, version: number): string {
  return `${file}-migrating-${version}`;
}
