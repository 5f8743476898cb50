import { copyFileSync, existsSync, renameSync } from "node:fs";
import { syncFile, syncFolderOf } from "./sync-folder.ts";

/** The ends of the names of a store's files, that of the file itself first. */
const ends = ["", "-wal", "-shm", "-marker"] as const;

/** Answers what a store's file gets at its name's end when it is kept beside, with the time in it. */
export function keptEnd(now: Date): string {
  return `-kept-${now.toISOString().replaceAll(/[-:]/g, "").replace(".", "-")}`;
}

/** Answers a name beside the store's file under which its files are kept. */
export function keptName(file: string, now: Date): string {
  return `${file}${keptEnd(now)}`;
}

/** Moves files of a store to the name that they are kept under; durable when it returns. */
export function moveAside(file: string, kept: string, moved: readonly (typeof ends)[number][] = ends): void {
  for (const end of moved) if (existsSync(`${file}${end}`)) renameSync(`${file}${end}`, `${kept}${end}`);
  syncFolderOf(file);
}

/** Copies files of a store to the name that they are kept under; durable when it returns. */
export function copyAside(file: string, kept: string, copied: readonly (typeof ends)[number][]): void {
  for (const end of copied) {
    if (!existsSync(`${file}${end}`)) continue;
    copyFileSync(`${file}${end}`, `${kept}${end}`);
    syncFile(`${kept}${end}`);
  }
  syncFolderOf(file);
}
