import { preparedStatement } from "../rows/prepared-statement.ts";
import type { Migration } from "./migration.ts";
import { schema } from "./schema.ts";

/** Tables of schema 4, with a key in whose order their rows are written. */
const tables = { deployments: "number", heads: "deployment", runs: "deployment, first_sequence", events: "number" };

/** Migrates to schema 5: takes all rows as they are, checksums included, and adds empty tables. */
export async function toSchema5({ source, target, onEvent }: Migration): Promise<void> {
  target.exec(schema);
  for (const [table, key] of Object.entries(tables)) {
    const columns = source.prepare(`SELECT * FROM ${table}`).columns().length;
    const insert = preparedStatement(target, `INSERT INTO ${table} VALUES (${Array(columns).fill("?").join(", ")})`);
    for (const row of preparedStatement(source, `SELECT * FROM ${table} ORDER BY ${key}`).iterate()) {
      insert.run(...(row as unknown as (string | number | null | Uint8Array)[]));
      if (table === "events") await onEvent();
    }
  }
}
