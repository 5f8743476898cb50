import { readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { append, codec, deploymentId, eventId, newEvent, readSequences } from "../contract/builders.ts";
import { faultOf } from "../src/sqlite/faults.ts";
import { openSqliteStore } from "../src/sqlite/store.ts";
import { sqlitePlace } from "./sqlite-place.ts";

const pageBytes = 4_096;
const pageOfIndex = 10;
const damaged = { reason: "STORE_DAMAGED" };

let place: Awaited<ReturnType<typeof sqlitePlace>>;
beforeEach(async () => {
  place = await sqlitePlace((file) => openSqliteStore({ file, codec }));
});
afterEach(() => place.remove());

/** Takes from the page of the index that holds an id what says that it is one. */
function ruinPageOf(id: string): void {
  const bytes = readFileSync(place.file);
  for (let at = bytes.indexOf(id); at >= 0; at = bytes.indexOf(id, at + 1)) {
    const page = at - (at % pageBytes);
    if (bytes.readUInt8(page) === pageOfIndex) bytes.fill(0, page, page + 8);
  }
  writeFileSync(place.file, bytes);
}

test("what SQLite finds malformed is damage of the call that meets it, and never a refused append", async () => {
  let store = await place.open();
  for (const letter of ["a", "m", "z"]) {
    const events = Array.from({ length: 300 }, (_, index) =>
      newEvent({ id: `${letter}-${1_000 + index}-${"x".repeat(20)}` }),
    );
    await append(store, "d", events);
  }
  await append(store, "e", [newEvent({ id: "z" })]);
  await store.close();
  ruinPageOf("m-1150-");
  store = await place.open();

  const answers = await Promise.allSettled([
    append(store, "e", [newEvent({ id: "zz-1" })]),
    append(store, "d", [newEvent({ id: "m-1150-y" })]),
    append(store, "e", [newEvent({ id: "zz-2" })]),
  ]);
  const ofD = { deploymentId: "d" };

  expect(answers).toMatchObject([
    { status: "fulfilled" },
    { status: "rejected", reason: { ...damaged, place: ofD } },
    { status: "fulfilled" },
  ]);
  await expect(append(store, "d", [newEvent({ id: "zz-3" })])).rejects.toMatchObject({ ...damaged, place: ofD });
  await expect(store.readEvent(deploymentId("d"), eventId("m-1150-y"))).rejects.toMatchObject(damaged);
  expect(await readSequences(store, "d")).toHaveLength(900);
  expect(await readSequences(store, "e")).toEqual([1, 2, 3]);
  await store.close();
});

test("a key that is taken is damage, and what a trigger refuses is a refused append", () => {
  using database = new DatabaseSync(":memory:");
  database.exec(`CREATE TABLE numbered (number INTEGER PRIMARY KEY, name TEXT UNIQUE); INSERT INTO numbered VALUES (1, 'a');
    CREATE TRIGGER refuse BEFORE INSERT ON numbered WHEN new.name = 'no' BEGIN SELECT RAISE(ABORT, 'not this one'); END`);
  const reasonOf = (sql: string) => {
    try {
      database.exec(sql);
    } catch (error) {
      return faultOf(error).reason;
    }
    return undefined;
  };

  expect(reasonOf("INSERT INTO numbered VALUES (1, 'b')")).toBe("STORE_DAMAGED");
  expect(reasonOf("INSERT INTO numbered VALUES (2, 'a')")).toBe("STORE_DAMAGED");
  expect(reasonOf("INSERT INTO numbered VALUES (2, 'no')")).toBe("STORE_REFUSED");
  expect(reasonOf("SELECT zeroblob(2000000000)")).toBe("STORE_DAMAGED");
  expect(reasonOf("SELECT gone FROM numbered")).toBe("STORE_DAMAGED");
});
