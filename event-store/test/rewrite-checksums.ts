import type { DatabaseSync } from "node:sqlite";
import { storedEventColumns } from "../src/sqlite/rows/event-rows.ts";
import { deploymentColumns, headColumns } from "../src/sqlite/rows/head-rows.ts";
import { rowChecksum, type Table } from "../src/sqlite/rows/row-checksum.ts";
import { runColumns } from "../src/sqlite/rows/run-rows.ts";

/** Of stores in which nothing was edited. */
const columnsOf: Readonly<Partial<Record<Table, readonly string[]>>> = {
  deployments: deploymentColumns,
  heads: headColumns,
  runs: withoutChecksum(runColumns),
  events: withoutChecksum(storedEventColumns),
};

/** Gives each row the checksum of what it holds now, as whoever edits a store with care does. */
export function rewriteChecksums(database: DatabaseSync): void {
  for (const [table, columns] of Object.entries(columnsOf) as [Table, readonly string[]][]) {
    const read = database.prepare(`SELECT ${columns.join(", ")} FROM ${table}`);
    read.setReturnArrays(true);
    read.setReadBigInts(true);
    const [key = "", second] = columns;
    const place = table === "runs" ? `${key} = ? AND ${second} = ?` : `${key} = ?`;
    const write = database.prepare(`UPDATE ${table} SET checksum = ? WHERE ${place}`);
    for (const row of read.all() as unknown as unknown[][]) {
      const values = row.map(asRead);
      write.run(
        rowChecksum(table, values, 0, columns.length),
        ...(values.slice(0, table === "runs" ? 2 : 1) as number[]),
      );
    }
  }
}

// One that is beyond all numbers is never read.
function asRead(value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}

function withoutChecksum(columns: string): readonly string[] {
  return columns.split(/,\s*/).filter((column) => column !== "checksum");
}
