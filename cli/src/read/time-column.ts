import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { Column } from "../output/column.ts";
import { localTimeText } from "../text/local-time.ts";
import { timeAgo } from "../text/time-ago.ts";
import { timeText } from "../text/timestamp.ts";

/** Makes a column of times: exact in a pipe; on a terminal to the second, on this machine's clock or in UTC. */
export function timeColumn<Row>(
  title: string,
  timeOf: (row: Row) => Timestamp | undefined,
  { utc }: { readonly utc: boolean },
): Column<Row> {
  return {
    title,
    width: 20,
    cell: (row) => timeText(timeOf(row)),
    shown: (row) => localTimeText(timeOf(row), utc),
  };
}

/** Makes a column of times: exact in a pipe; on a terminal how long ago or, after a month, the day; with `utc` in UTC. */
export function ageColumn<Row>(
  title: string,
  timeOf: (row: Row) => Timestamp | undefined,
  { utc, nowMs }: { readonly utc: boolean; readonly nowMs: number },
): Column<Row> {
  const column = timeColumn(title, timeOf, { utc });
  return utc ? column : { ...column, shown: (row) => ageText(timeOf(row), nowMs) };
}

function ageText(time: Timestamp | undefined, nowMs: number): string {
  if (time === undefined) return "";
  return timeAgo(time, nowMs) ?? localTimeText(time, false).slice(0, 10);
}
