import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { append, codec, deploymentId, newEvent, newEvents, readEvents, readSequences } from "../contract/builders.ts";
import { seedOf } from "../contract/histories.ts";
import type { DeploymentCursor, EventStore, NewEvent } from "../src/index.ts";
import { StoreOpenError } from "../src/index.ts";
import { openSqliteStore } from "../src/sqlite/store.ts";
import { loseIndexEntry, loseTableRow } from "./lose-index-entry.ts";
import { randomNumbers } from "./random-numbers.ts";
import { sqlitePlace } from "./sqlite-place.ts";

const damaged = { reason: "STORE_DAMAGED" };
const filter = { environment: "", service: "", state: undefined };

let place: Awaited<ReturnType<typeof sqlitePlace>>;
const stored = new Map<string, readonly NewEvent[]>();
beforeEach(async () => {
  place = await sqlitePlace((file) => openSqliteStore({ file, codec }));
  const store = await place.open();
  for (const [index, id] of ["c", "d", "e"].entries()) {
    stored.set(id, newEvents(70));
    await append(store, id, stored.get(id) ?? [], { receiveTimeUs: 1_000 * (index + 1) });
  }
  await store.close();
});
afterEach(() => place.remove());

function shell(sql: string): void {
  using database = new DatabaseSync(place.file);
  database.exec(sql);
}

function list(store: EventStore, cursor?: DeploymentCursor) {
  return store.readDeployments({ cursor, filter, deploymentsMax: 9 });
}

/** A deployment as it goes from one table, with the events that tell that it was there. */
const lostRows = [
  ["its row", "DELETE FROM deployments WHERE deployment_id = ID"],
  [
    "its row and its head",
    `DELETE FROM heads WHERE deployment = (SELECT number FROM deployments WHERE deployment_id = ID);
     DELETE FROM deployments WHERE deployment_id = ID`,
  ],
  [
    "all but its events",
    `DELETE FROM heads WHERE deployment = (SELECT number FROM deployments WHERE deployment_id = ID);
     DELETE FROM runs WHERE deployment = (SELECT number FROM deployments WHERE deployment_id = ID);
     DELETE FROM deployments WHERE deployment_id = ID`,
  ],
] as const;

describe.each(["c", "e"])("a store that has lost deployment %s,", (id) => {
  test.each(lostRows)(
    "%s, creates none and never says that one is not there; the rest is in service",
    async (_, sql) => {
      shell(sql.replaceAll("ID", `'${id}'`));
      const store = await place.open();

      const isLost = { ...damaged, message: expect.stringMatching(/lost.* activity_server restore FILE/) };
      for (const unknown of [id, "new"]) {
        await expect(append(store, unknown, newEvents(1))).rejects.toMatchObject(isLost);
        await expect(append(store, unknown, newEvents(2))).rejects.toMatchObject(isLost);
        await expect(store.readDeployment(deploymentId(unknown))).rejects.toMatchObject(isLost);
        await expect(readEvents(store, unknown)).rejects.toMatchObject(isLost);
        const [event] = newEvents(1) as [NewEvent];
        await expect(store.readEvent(deploymentId(unknown), event.eventId)).rejects.toMatchObject(isLost);
      }
      const first = await list(store);
      expect(first.deployments).toHaveLength(2);
      await expect(list(store, first.next)).rejects.toMatchObject(isLost);
      expect(await append(store, "d", newEvents(1))).toMatchObject([{ event: { sequence: 71 } }]);
      expect((await readEvents(store, "d")).events).toHaveLength(71);
      const [none] = newEvents(1) as [NewEvent];
      expect(await store.readEvent(deploymentId("d"), none.eventId)).toBeUndefined();
    },
  );
});

test("a store whose index of ids has lost one that is in its table refuses that one alone", async () => {
  const index = "sqlite_autoindex_deployments_1";
  loseIndexEntry(place.file, { table: "deployments", index, row: "deployment_id = 'd'" });
  const store = await place.open();
  // So that no neighbour in the index tells.
  await append(store, "cc", newEvents(1));
  await append(store, "dd", newEvents(1));

  const ofD = { ...damaged, message: "the index of deployment ids does not lead to d" };
  await expect(append(store, "d", newEvents(1))).rejects.toMatchObject(ofD);
  await expect(store.readDeployment(deploymentId("d"))).rejects.toMatchObject(ofD);
  expect(await store.readDeployment(deploymentId("none"))).toBeUndefined();
  expect((await list(store)).next).toBeUndefined();
});

test("a store whose table has lost a deployment that its indexes have tells of that one alone", async () => {
  loseTableRow(place.file, { table: "deployments", row: "number = 2" });
  const store = await place.open();

  await expect(append(store, "d", newEvents(1))).rejects.toMatchObject(damaged);
  await expect(store.readDeployment(deploymentId("d"))).rejects.toMatchObject(damaged);
  await expect(readEvents(store, "d")).rejects.toMatchObject(damaged);
  await expect(list(store).then(({ next }) => list(store, next))).rejects.toMatchObject(damaged);
  expect(await append(store, "a", newEvents(1))).toMatchObject([{ event: { sequence: 1 } }]);
  expect(await append(store, "e", newEvents(1))).toMatchObject([{ event: { sequence: 71 } }]);
});

test("a store whose table has lost an event that its index has stores it no second time", async () => {
  loseTableRow(place.file, { table: "events", row: "number = 100" });
  const [lost] = (stored.get("d") ?? []).slice(29) as [NewEvent];
  const store = await place.open();

  await expect(store.readEvent(deploymentId("d"), lost.eventId)).rejects.toMatchObject(damaged);
  await expect(append(store, "d", [lost])).rejects.toMatchObject(damaged);
  expect(await readSequences(store, "d")).not.toContain(30);
  expect(await append(store, "e", newEvents(1))).toMatchObject([{ event: { sequence: 71 } }]);
});

test("a row that is lost while the store serves stops creations at the next append, and again when it is mended", async () => {
  const store = await place.open();
  await append(store, "new-1", newEvents(1));
  shell("CREATE TABLE lost AS SELECT * FROM deployments; DELETE FROM deployments WHERE deployment_id = 'd'");

  await expect(append(store, "d", newEvents(1))).rejects.toMatchObject(damaged);
  await expect(store.readDeployment(deploymentId("d"))).rejects.toMatchObject(damaged);
  shell("INSERT OR IGNORE INTO deployments SELECT * FROM lost; DROP TABLE lost");

  expect(await append(store, "d", newEvents(1))).toMatchObject([{ event: { sequence: 71 } }]);
  expect(await append(store, "new-2", newEvents(1))).toMatchObject([{ event: { sequence: 1 } }]);
});

describe("refusals of unknown ids stop no appends to others, however many there are,", () => {
  test.each([
    ["where a row is lost", () => shell("DELETE FROM deployments WHERE deployment_id = 'd'")],
    ["where SQLite finds the index of ids malformed", () => ruinPageOfIndex("more-150-")],
  ])("%s", async (_, damage) => {
    const before = await place.open();
    await Promise.all(
      Array.from({ length: 300 }, (_, index) => append(before, `more-${index}-${"x".repeat(60)}`, newEvents(1))),
    );
    await before.close();
    damage();
    const store = await place.open();

    for (let round = 0; round < 11; round += 1) {
      const ids = Array.from({ length: 1_000 }, (_, index) => `unknown-${round}-${index}`);
      const answers = await Promise.allSettled(
        ids.flatMap((id) => [append(store, id, newEvents(1)), store.readDeployment(deploymentId(id))]),
      );
      expect(answers.filter(({ status }) => status === "fulfilled")).toEqual([]);
    }

    expect(await append(store, "e", newEvents(1))).toMatchObject([{ event: { sequence: 71 } }]);
  });
});

const pageBytes = 4_096;

/** Takes from the pages of indexes that hold an id what says that they are some. */
function ruinPageOfIndex(id: string): void {
  const bytes = readFileSync(place.file);
  for (let at = bytes.indexOf(id); at >= 0; at = bytes.indexOf(id, at + 1)) {
    const page = at - (at % pageBytes);
    if (bytes.readUInt8(page) === 10) bytes.fill(0, page, page + 8);
  }
  writeFileSync(place.file, bytes);
}

test("a start that accepts the loss creates deployments, and says what it has accepted", async () => {
  shell("DELETE FROM deployments WHERE deployment_id = 'd'");
  const store = await openSqliteStore({ file: place.file, codec, acceptLoss: true });

  expect(store.traits.acceptedLoss?.fault).toMatch(/1 of 3 deployments is lost/);
  expect(await store.readDeployment(deploymentId("new"))).toBeUndefined();
  expect(await append(store, "new", newEvents(1))).toMatchObject([{ event: { sequence: 1 } }]);
  await store.close();
});

const seed = seedOf(process.env);
const rounds = 12;

/** Columns that name a row. */
const keys = { deployments: "number", heads: "deployment", runs: "deployment", events: "number" } as const;

describe("a store that has lost any one row", () => {
  test.each(Object.entries(keys))(
    `of %s, keeps no event back without a word, stores none again and gives no sequence out twice (seed ${seed})`,
    async (table, key) => {
      const random = randomNumbers(seed);
      const sound = ["", "-marker"].map((end) => readFileSync(`${place.file}${end}`));
      for (let round = 0; round < rounds; round += 1) {
        for (const end of ["-wal", "-shm"]) rmSync(`${place.file}${end}`, { force: true });
        for (const [at, end] of ["", "-marker"].entries()) writeFileSync(`${place.file}${end}`, sound[at] as Buffer);

        shell(
          `DELETE FROM ${table} WHERE ${key} = (SELECT ${key} FROM ${table} LIMIT 1 OFFSET ${random(countRows(table))})`,
        );

        expect({ round, ...(await untold()) }).toEqual({ round, silent: [], again: [] });
      }
    },
  );
});

function countRows(table: string): number {
  using database = new DatabaseSync(place.file, { readOnly: true });
  return Number(database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.rows);
}

/** Deployments of which a store keeps something back in silence, and those that it stores again; a refused start tells all. */
async function untold() {
  const silent: string[] = [];
  const again: string[] = [];
  let store: EventStore;
  try {
    store = await place.open();
  } catch (error) {
    if (!(error instanceof StoreOpenError)) throw error;
    return { silent, again };
  }
  for (const [id, events] of stored) {
    const sequences = await readSequences(store, id).catch(() => "told" as const);
    const head = await store.readDeployment(deploymentId(id)).catch(() => "told" as const);
    // A gap in a list tells of an event that it lacks, and the head tells of the last one.
    if (sequences !== "told" && sequences.length === 0) silent.push(id);
    else if (head !== "told" && head?.headSequence !== events.length) silent.push(id);
    for (const event of [...events.filter((_, index) => index % 10 === 0), newEvent()]) {
      const [appended] = (await append(store, id, [event]).catch(() => undefined)) ?? [];
      if (appended === undefined || appended.duplicate) continue;
      if (events.includes(event) || appended.event.sequence <= events.length) again.push(id);
    }
  }
  await store.close();
  return { silent, again };
}
