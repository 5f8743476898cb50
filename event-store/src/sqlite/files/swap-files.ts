import { existsSync, renameSync } from "node:fs";
import { readFileHeader, stampFile } from "./file-header.ts";
import { keptEnd, moveAside } from "./kept-files.ts";
import { type ReadMark, readMark, writeMark } from "./store-marker.ts";
import { syncFolderOf } from "./sync-folder.ts";
import { removeUnfinishedFile } from "./unfinished-file.ts";

/** Returns the name of the file that will replace a store's. */
export function freshOf(file: string): string {
  return `${file}-restoring`;
}

/**
 * Replaces a store's file by the complete file at `freshOf`, and moves the previous files to the returned name. If the
 * process ends in between, the previous store is untouched, or the next start finishes this.
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

/**
 * Finishes an interrupted swapInFresh, or removes the file that an interrupted restore left before it; returns the
 * resulting marker.
 */
export function finishRestore(file: string, mark: ReadMark): ReadMark {
  // A damaged marker may have named a complete file.
  if (mark === "damaged") return mark;
  if (mark?.state !== "restoring") {
    removeUnfinishedFile(freshOf(file));
    return mark;
  }
  const isFresh = (path: string) => existsSync(path) && readFileHeader(path).changeCounter === mark.changeCounter;
  if (isFresh(freshOf(file))) {
    const kept = `${file}${mark.keptEnd}`;
    moveAside(file, kept, ["", "-wal", "-shm"]);
    if (mark.before !== null && mark.before !== "damaged") writeMark(kept, mark.before);
    renameSync(freshOf(file), file);
    syncFolderOf(file);
  } else if (!isFresh(file)) {
    // Somebody removed the copy before anything was moved.
    return mark.before;
  }
  writeMark(file, { state: "closed" });
  return { state: "closed" };
}
