import { accessSync, constants, existsSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { StoreOpenError } from "../../store-error.ts";
import { faultOf } from "../faults.ts";
import { hasLog, locationOf } from "../files/file-location.ts";
import { makePrivateFile } from "../files/file-modes.ts";
import { lockFile } from "../files/open-file.ts";
import { checkPlainFile, checkPlainFiles } from "../files/plain-files.ts";
import { faultOfFiles } from "../files/settle-last-stop.ts";
import { cutOffOf, readStoreHeader } from "../files/store-header.ts";
import { syncFile, syncFolderOf } from "../files/sync-folder.ts";
import { removeUnfinishedFile } from "../files/unfinished-file.ts";

// All pages in one step; otherwise each commit in between would restart the copy.
const pagesPerStep = 0x7fff_ffff;

/**
 * Copies a store, possibly in use, to a new file for its owner only: a consistent, durable snapshot. The file gets its
 * name after `check`, which may throw, has accepted it. Throws StoreOpenError if there is nothing to copy or the target
 * exists, and then leaves nothing behind.
 */
export async function copyStore(
  file: string,
  target: string,
  check: (unfinished: string) => void = () => {},
): Promise<void> {
  if (existsSync(target)) throw new StoreOpenError(`${target} exists; name a new file`);
  const folder = dirname(target);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new StoreOpenError(`there is no folder ${folder} for the copy; make it, or name another`);
  checkPlainFiles(file);
  checkPlainFile(`${target}-unfinished`);
  readStoreHeader(file);
  const fault = await faultOfStopped(file);
  if (fault !== undefined) {
    throw new StoreOpenError(`${file} was not copied: ${fault}; starting the service shows the remedies`);
  }
  const unfinished = `${target}-unfinished`;
  try {
    await copyInto(file, unfinished, { isInUse: true });
    check(unfinished);
    if (existsSync(target)) throw new StoreOpenError(`${target} exists; name a new file`);
    renameSync(unfinished, target);
    syncFolderOf(target);
  } catch (error) {
    if (!isOfDisk(error)) throw error;
    throw new StoreOpenError(sentenceOf(file, target, error), { cause: error });
  } finally {
    // An incomplete copy must not block the next one.
    removeUnfinishedFile(unfinished);
  }
}

/** Returns the fault in the files of an unused store; a store in use was checked at its start. */
async function faultOfStopped(file: string): Promise<string | undefined> {
  if (!existsSync(file)) return undefined;
  try {
    using _lock = lockFile(file);
    return await faultOfFiles(file);
  } catch {
    // The store is in use or read-only: copy it as it is.
    return undefined;
  }
}

/** Copies a store over the target and makes the copy durable. */
export async function copyInto(
  file: string,
  target: string,
  { isInUse }: { readonly isInUse: boolean },
): Promise<void> {
  removeUnfinishedFile(target);
  makePrivateFile(target);
  const isWritten = isInUse && !isOnReadOnlyMedium(file);
  {
    using source = new DatabaseSync(locationOf(file, isWritten ? "ro" : "ro&immutable=1"), { readOnly: true });
    await backup(source, target, { rate: pagesPerStep });
  }
  if (isInUse && !isWritten && hasFilesOfUse(file)) {
    throw new StoreOpenError(`${file} was not copied: it was started meanwhile; try again`);
  }
  syncFile(target);
}

/** SQLite makes files beside a store that it reads, unless they are there; where it cannot, nobody uses the store. */
function isOnReadOnlyMedium(file: string): boolean {
  if (hasFilesOfUse(file)) return false;
  try {
    accessSync(dirname(file), constants.W_OK);
    return false;
  } catch {
    return true;
  }
}

function hasFilesOfUse(file: string): boolean {
  return hasLog(file) || existsSync(`${file}-shm`);
}

function isOfDisk(error: unknown): boolean {
  const { errcode, syscall } = error as { readonly errcode?: number; readonly syscall?: string };
  return errcode !== undefined || syscall !== undefined;
}

function sentenceOf(file: string, target: string, error: unknown): string {
  const { reason, cause } = faultOf(error);
  const removed = "the incomplete copy was removed";
  if (reason === "STORE_FULL") return `${file} was not copied: the disk of ${target} is full; ${removed}`;
  if (reason !== "STORE_DAMAGED") return `${file} was not copied: ${cause}; ${removed}`;
  const way = "stop the service, and see activity_server check";
  return `${file} was not copied, because it is damaged: ${cutOffOf(file) ?? cause}; ${removed}; ${way}`;
}
