import { type DamagedPlace, StoreFaultError, type StoreFaultReason } from "../store-error.ts";

/** A fault in a message from a worker thread, because errors lose their class on the way. */
export interface Fault {
  readonly reason: StoreFaultReason;
  readonly message: string;
  /** SQLite's message, for the log. */
  readonly cause: string;
  readonly place?: DamagedPlace | undefined;
}

// Primary result codes of SQLite (sqlite.org/rescode.html).
const faultByCode: Readonly<Record<number, readonly [StoreFaultReason, string]>> = {
  1: ["STORE_DAMAGED", "the store's tables are not those of this program"],
  5: ["STORE_UNAVAILABLE", "another program holds the store's file"],
  6: ["STORE_UNAVAILABLE", "another connection holds the store's file"],
  7: ["STORE_UNAVAILABLE", "there is no memory left for the store"],
  8: ["STORE_READ_ONLY", "the store's file or folder may only be read"],
  10: ["STORE_IO_ERROR", "the disk of the store failed"],
  11: ["STORE_DAMAGED", "the store's file is damaged"],
  13: ["STORE_FULL", "the disk of the store is full"],
  14: ["STORE_IO_ERROR", "the store's file cannot be opened"],
  18: ["STORE_DAMAGED", "a row of the store says to be longer than any is"],
  24: ["STORE_DAMAGED", "the store's file is damaged"],
  26: ["STORE_DAMAGED", "the store's file is damaged"],
};

/** SQLITE_IOERR_SHMSIZE: the index of the log cannot grow, the first sign of an almost full disk. */
const noRoomForIndex = 4874;

// Extended codes of constraints that we never break in an intact store, because keys come from stored data.
const takenKeys: readonly number[] = [1555, 2067, 2579];

// Codes of system errors, which Node throws when it reads the file itself.
const faultBySystemCode: Readonly<Record<string, readonly [StoreFaultReason, string]>> = {
  ENOSPC: ["STORE_FULL", "the disk of the store is full"],
  EDQUOT: ["STORE_FULL", "the quota on the disk of the store is exhausted"],
  EROFS: ["STORE_READ_ONLY", "the store's file or folder may only be read"],
  EACCES: ["STORE_READ_ONLY", "the store's file or folder may only be read"],
  EPERM: ["STORE_READ_ONLY", "the store's file or folder may only be read"],
};

const takenKey = ["STORE_DAMAGED", "a row of the store stands where a new one belongs"] as const;
const refused = ["STORE_REFUSED", "the store refuses this append"] as const;

/** Tells a fault of contradictory rows, after which the connection is still good. */
export function isOfRows(error: unknown): boolean {
  return error instanceof StoreFaultError || isBeyondNumbers(error);
}

/** Tells damage of a part of the file, which may leave other deployments intact. */
export function isDamage(error: unknown): boolean {
  return isOfRows(error) || isMalformed(error);
}

/** Tells a contradiction that SQLite itself finds in rows or indexes. */
function isMalformed(error: unknown): boolean {
  const { errcode = 0 } = error as { readonly errcode?: number };
  return [11, 18].includes(errcode & 0xff) || takenKeys.includes(errcode);
}

// Node throws for integers beyond a double's range; none of ours is.
function isBeyondNumbers(error: unknown): boolean {
  return (error as { readonly code?: string }).code === "ERR_OUT_OF_RANGE";
}

/** Converts a disk error for callers; any other error means that the store refused the data. */
export function faultOf(error: unknown): Fault {
  if (error instanceof StoreFaultError) {
    const { reason, message, cause, place } = error;
    return { reason, message, cause: `${cause ?? message}`, place };
  }
  if (isBeyondNumbers(error)) {
    const cause = (error as Error).message;
    return { reason: "STORE_DAMAGED", message: "a row of the store has a number that was never written", cause };
  }
  const { errcode, code, syscall, message } = error as {
    readonly errcode?: number;
    readonly code?: string;
    readonly syscall?: string;
    readonly message?: string;
  };
  const cause = `${message ?? error}${errcode === undefined ? "" : ` (SQLite ${errcode})`}`;
  const ofSystem = faultBySystemCode[code ?? ""] ?? ["STORE_IO_ERROR", "the disk of the store failed"];
  const primaryCode = errcode === noRoomForIndex ? 13 : (errcode ?? 0) & 0xff;
  const ofSqlite = takenKeys.includes(errcode ?? 0) ? takenKey : (faultByCode[primaryCode] ?? refused);
  const [reason, sentence] = syscall === undefined ? ofSqlite : ofSystem;
  return { reason, message: sentence, cause };
}

export function faultError({ reason, message, cause, place }: Fault): StoreFaultError {
  return new StoreFaultError(reason, message, { cause, ...(place === undefined ? {} : { place }) });
}
