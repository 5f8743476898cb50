import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join, resolve, sep } from "node:path";

const dist = join(import.meta.dirname, "..", "dist");

/**
 * Makes a folder, empty. Takes away what an earlier run left below dist/; calls `fail` for another folder that holds anything: it
 * is somebody's.
 */
export function emptyFolder(folder, fail) {
  const path = resolve(folder);
  const isOurs = path.startsWith(`${dist}${sep}`);
  if (folder === "" || (!isOurs && existsSync(path) && readdirSync(path).length > 0)) {
    fail(`the folder ${path} is not empty; name one that is empty or not there yet.`);
  }
  if (isOurs) rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
}
