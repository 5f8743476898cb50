import type { EventRun } from "./event-run.ts";
import { placeholders } from "./prepared-statement.ts";
import { isWholeRow, rowChecksum } from "./row-checksum.ts";

/** A stored run. */
export type StoredRun = Pick<EventRun, "firstSequence" | "bytes">;

/** Columns of a run; the last is the checksum of the others. */
export const runColumns = "deployment, first_sequence, events, checksum";

/** Number of columns in the checksum. */
const runValuesCount = 3;

/** Inserts a run. */
export const insertRun = `INSERT INTO runs (${runColumns}) VALUES (${placeholders(runValuesCount + 1)})`;

/** Returns the values of `runColumns`. */
export function runValues(deployment: number, { firstSequence, bytes }: StoredRun): (number | Uint8Array)[] {
  const values = [deployment, firstSequence, bytes];
  return [...values, rowChecksum("runs", values, 0, runValuesCount)];
}

/** Parses the run of a row; undefined if it was never stored as a run. */
export function storedRunOf(row: unknown): StoredRun | undefined {
  const [, firstSequence, bytes] = row as readonly [number, number, Uint8Array];
  return isWholeRow("runs", row as readonly unknown[], 0, runValuesCount) ? { firstSequence, bytes } : undefined;
}
