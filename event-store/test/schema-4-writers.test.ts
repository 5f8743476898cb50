import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import type { DeploymentId } from "../src/index.ts";
import { editTables, schema4 } from "../src/sqlite/migrations/schema.ts";
import { eventValues, insertEvent, storedEventColumns, storedEventOf } from "../src/sqlite/rows/event-rows.ts";
import {
  deploymentValues,
  headValues,
  insertDeployment,
  keptDeploymentOf,
  replaceHeads,
  selectHeads,
} from "../src/sqlite/rows/head-rows.ts";
import { insertRun, runColumns, runValues, storedRunOf } from "../src/sqlite/rows/run-rows.ts";

// The step to schema 4 writes with these writers. When one of these tests turns red, a writer or the schema has left schema 4:
// freeze what the step needs of them, as they were, beside `to-schema-4.ts`, and have these tests hold that.

const file = fileURLToPath(new URL("./files/schema-4.db", import.meta.url));
const kept = () => new DatabaseSync(`file:${file}?immutable=1`, { readOnly: true });

/** All rows of a table of the file that the program of schema 4 wrote. */
function rowsOf(database: DatabaseSync, sql: string): readonly (readonly unknown[])[] {
  const statement = database.prepare(sql);
  statement.setReturnArrays(true);
  return statement.all() as unknown as readonly (readonly unknown[])[];
}

/** The rows of a table after a statement has written them into an empty store. */
function written(table: string, insert: string, rows: readonly (readonly unknown[])[]) {
  using database = new DatabaseSync(":memory:");
  database.exec(schema4);
  for (const row of rows) database.prepare(insert).run(...(row as (string | number | null | Uint8Array)[]));
  return rowsOf(database, `SELECT * FROM ${table} ORDER BY 1, 2`);
}

test("the tables that are made for schema 4 are those of its file", () => {
  using before = kept();
  using database = new DatabaseSync(":memory:");
  database.exec(schema4);

  const tables = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name";
  expect(rowsOf(database, tables)).toEqual(rowsOf(before, tables));
});

test("what is written of an event, a run and a head is what schema 4 has of it, byte by byte", () => {
  using before = kept();
  // Heads are read with what schema 5 has beside them: nothing.
  before.exec(editTables.replaceAll("CREATE TABLE", "CREATE TEMP TABLE").replace(/CREATE INDEX[^;]*;/, ""));
  const all = (table: string) => rowsOf(before, `SELECT * FROM ${table} ORDER BY 1, 2`);
  const events = rowsOf(before, `SELECT ${storedEventColumns} FROM events ORDER BY number`).map((row) => {
    return eventValues(row[0] as number, row[1] as number, storedEventOf("d" as DeploymentId, row));
  });
  const runs = rowsOf(before, `SELECT ${runColumns} FROM runs ORDER BY 1, 2`).map((row) => {
    const run = storedRunOf(row);
    return run === undefined ? [] : runValues(row[0] as number, run);
  });
  const heads = rowsOf(before, `${selectHeads} ORDER BY number`).map((row) => keptDeploymentOf(row));

  for (const rows of [events, runs, heads]) expect(rows.length).toBeGreaterThan(0);
  expect(written("events", insertEvent, events)).toEqual(all("events"));
  expect(written("runs", insertRun, runs)).toEqual(all("runs"));
  const deployments = heads.map(({ number, head }) => deploymentValues(number, head));
  expect(written("deployments", insertDeployment, deployments)).toEqual(all("deployments"));
  expect(written("heads", replaceHeads(1), heads.map(headValues))).toEqual(all("heads"));
});
