import { copyFileSync, existsSync, renameSync } from "node:fs";
import { syncFile, syncFolderOf } from "./sync-folder.ts";

/** Suffixes of a store's files; that of the main file first. */
const ends = ["", "-wal", "-shm", "-marker"] as const;

/** Returns the suffix for kept files, with the time in it. */
export function keptEnd(now: Date): string {
  return `-kept-${now.toISOString().replaceAll(/[-:]/g, "").replace(".", "-")}`;
}

/** Returns the name for kept files beside the store. */
export function keptName(file: string, now: Date): string {
  return `${file}${keptEnd(now)}`;
}

/** Moves files of a store to the name for kept files, durably. */
export function moveAside(file: string, kept: string, moved: readonly (typeof ends)[number][] = ends): void {
  for (const end of moved) if (existsSync(`${file}${end}`)) renameSync(`${file}${end}`, `${kept}${end}`);
  syncFolderOf(file);
}

/** Copies files of a store to the name for kept files, durably. */
export function copyAside(file: string, kept: string, copied: readonly (typeof ends)[number][]): void {
  for (const end of copied) {
    if (!existsSync(`${file}${end}`)) continue;
    copyFileSync(`${file}${end}`, `${kept}${end}`);
    syncFile(`${kept}${end}`);
  }
  syncFolderOf(file);
}
