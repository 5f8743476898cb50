import { existsSync, renameSync } from "node:fs";
import { readFileHeader, stampFile } from "./file-header.ts";
import { keptEnd, moveAside } from "./kept-files.ts";
import { type ReadMark, readMark, writeMark } from "./store-marker.ts";
import { syncFolderOf } from "./sync-folder.ts";

/** The name of a file that is to take the place of a store's. */
export function freshOf(file: string): string {
  return `${file}-restoring`;
}

/**
 * Puts the whole file that `freshOf` names in the place of a store's, whose files are moved to the name that it answers.
 * When the process ends in between, the store of before is untouched, or the next start finishes this.
 */
export function swapInFresh(file: string, now: Date): string {
  const before = readMark(file);
  const changeCounter = stampFile(freshOf(file));
  syncFolderOf(file);
  const mark = { state: "restoring", changeCounter, keptEnd: keptEnd(now), before } as const;
  writeMark(file, mark);
  finishRestore(file, mark);
  return `${file}${mark.keptEnd}`;
}

/** Finishes what swapInFresh was at when its process ended, and answers the marker that holds then. */
export function finishRestore(file: string, mark: ReadMark): ReadMark {
  if (mark === null || mark === "damaged" || mark.state !== "restoring") return mark;
  const isFresh = (path: string) => existsSync(path) && readFileHeader(path).changeCounter === mark.changeCounter;
  if (isFresh(freshOf(file))) {
    const kept = `${file}${mark.keptEnd}`;
    moveAside(file, kept, ["", "-wal", "-shm"]);
    if (mark.before !== null && mark.before !== "damaged") writeMark(kept, mark.before);
    renameSync(freshOf(file), file);
    syncFolderOf(file);
  } else if (!isFresh(file)) {
    // Somebody took the copy away before anything was moved.
    return mark.before;
  }
  writeMark(file, { state: "closed" });
  return { state: "closed" };
}
