import type { EventRun } from "./event-run.ts";
import { placeholders } from "./prepared-statement.ts";
import { isWholeRow, rowChecksum } from "./row-checksum.ts";

/** A run as it is stored. */
export type StoredRun = Pick<EventRun, "firstSequence" | "bytes">;

/** The columns of a run of a deployment; the last is the checksum of those before it. */
export const runColumns = "deployment, first_sequence, events, checksum";

/** How many of them the checksum is of. */
const runValuesCount = 3;

/** Takes the values of a run. */
export const insertRun = `INSERT INTO runs (${runColumns}) VALUES (${placeholders(runValuesCount + 1)})`;

/** The values of `runColumns`. */
export function runValues(deployment: number, { firstSequence, bytes }: StoredRun): (number | Uint8Array)[] {
  const values = [deployment, firstSequence, bytes];
  return [...values, rowChecksum("runs", values, 0, runValuesCount)];
}

/** The run of a row; undefined: no run was ever stored so. */
export function storedRunOf(row: unknown): StoredRun | undefined {
  const [, firstSequence, bytes] = row as readonly [number, number, Uint8Array];
  return isWholeRow("runs", row as readonly unknown[], 0, runValuesCount) ? { firstSequence, bytes } : undefined;
}
