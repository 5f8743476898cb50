import { realpathSync } from "node:fs";
import type { CheckReport } from "../../check-report.ts";
import { StoreOpenError } from "../../store-error.ts";
import { faultOf } from "../faults.ts";
import { sizeOf } from "../files/file-header.ts";
import { hasLog } from "../files/file-location.ts";
import { lockFile, openErrorOf } from "../files/open-file.ts";
import { checkPlainFile } from "../files/plain-files.ts";
import { cutOffOf, readStoreHeader } from "../files/store-header.ts";
import { readMark } from "../files/store-marker.ts";
import { finishRestore, freshOf, swapInFresh } from "../files/swap-files.ts";
import { removeUnfinishedFile } from "../files/unfinished-file.ts";
import { checkStore } from "./check-store.ts";
import { copyInto } from "./copy-store.ts";

/** Result of a restore. */
export interface Restored {
  readonly report: CheckReport;
  /** Prefix of the names of the previous files; undefined if there were none. */
  readonly kept: string | undefined;
}

/**
 * Replaces a store that nobody uses by a copy and keeps the previous files beside it. If the process ends in between,
 * either the previous store or the copy is there, complete. Throws StoreOpenError, without changing anything, if the
 * copy is damaged or somebody uses the store.
 */
export async function restoreStore(
  file: string,
  copy: string,
  onProgress: (progress: { readonly events: number; readonly of: number }) => void,
): Promise<Restored> {
  if (sizeOf(copy) === undefined) throw new StoreOpenError(`there is no copy ${copy}`);
  readStoreHeader(copy, "use another copy");
  using _lock = lockFile(file);
  finishRestore(file, readMark(file));
  const hasStore = sizeOf(file) !== undefined;
  if (hasStore && realpathSync(copy) === realpathSync(file)) {
    throw new StoreOpenError(`${copy} is the store itself; name a copy of it`);
  }
  const fresh = freshOf(file);
  checkPlainFile(fresh);
  try {
    // Nobody writes it, so it is read without creating files beside it, unless it has a log.
    await copyInto(copy, fresh, { isInUse: hasLog(copy) });
    const report = checkStore(fresh, { deep: false, onProgress });
    const [first] = report.findings;
    if (first !== undefined) {
      const more = report.found > 1 ? ` and ${report.found - 1} more` : "";
      throw new StoreOpenError(`${copy} is damaged, so nothing was restored: ${first.what}${more}; use another copy`);
    }
    const hasFiles = ["", "-wal", "-marker"].some((end) => sizeOf(`${file}${end}`) !== undefined);
    const kept = swapInFresh(file, new Date());
    return { report, kept: hasFiles ? kept : undefined };
  } catch (error) {
    const mark = readMark(file);
    const isFinishedLater = mark !== null && mark !== "damaged" && mark.state === "restoring";
    if (!isFinishedLater) removeUnfinishedFile(fresh);
    // The copy is only read: it is the store's disk that is full, or may only be read.
    const isOfStore = ["STORE_FULL", "STORE_READ_ONLY"].includes(faultOf(error).reason);
    throw isOfStore ? notRestored(file, error) : unusable(copy, error);
  }
}

function unusable(copy: string, error: unknown): StoreOpenError {
  if (error instanceof StoreOpenError) return error;
  const why = cutOffOf(copy) ?? faultOf(error).cause;
  const message = `${copy} cannot be read, so nothing was restored: ${why}; use another copy`;
  return new StoreOpenError(message, { cause: error });
}

function notRestored(file: string, error: unknown): StoreOpenError {
  if (error instanceof StoreOpenError) return error;
  const { message } = openErrorOf(file, error);
  return new StoreOpenError(`nothing was restored: ${message}`, { cause: error });
}
