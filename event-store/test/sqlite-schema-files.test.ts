import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { append, differingFields, newEvents, readSequences, sequencesTo } from "../contract/builders.ts";
import { storedLines } from "../contract/stored-lines.ts";
import { schemaVersion } from "../src/sqlite/schema.ts";
import { openSqliteStore } from "../src/sqlite/store.ts";
import { sqlitePlace } from "./sqlite-place.ts";

const files = join(import.meta.dirname, "files");
const oldest = 3;
const versions = Array.from({ length: schemaVersion - oldest + 1 }, (_, index) => oldest + index);

let place: Awaited<ReturnType<typeof sqlitePlace>>;
beforeEach(async () => {
  place = await sqlitePlace((file) => openSqliteStore({ file, differingFields }));
});
afterEach(() => place.remove());

test.each(versions)("the tree holds a file of schema %d, and what was stored in it", (version) => {
  expect(existsSync(join(files, `schema-${version}.db`))).toBe(true);
  expect(existsSync(join(files, `schema-${version}.jsonl`))).toBe(true);
});

test.each(versions)("opens a file of schema %d and gives back exactly what was stored", async (version) => {
  copyFileSync(join(files, `schema-${version}.db`), place.file);
  const expected = readFileSync(join(files, `schema-${version}.jsonl`), "utf8")
    .trimEnd()
    .split("\n");

  const store = await place.open();

  expect(await storedLines(store)).toEqual(expected);
  expect(expected.length).toBeGreaterThan(300);
  await store.close();
});

test.each(versions)(
  "appends to the deployments of a file of schema %d, with full runs and without",
  async (version) => {
    copyFileSync(join(files, `schema-${version}.db`), place.file);
    const store = await place.open();

    for (const id of ["full", "long", "longer", "batch", "new"]) {
      const before = await readSequences(store, id);
      await append(store, id, newEvents(65));
      expect(await readSequences(store, id)).toEqual(sequencesTo(before.length + 65));
    }

    await store.close();
  },
);
