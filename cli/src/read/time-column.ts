import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { Column } from "../output/column.ts";
import { localTimeText } from "../text/local-time.ts";
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
