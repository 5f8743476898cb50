import { renameSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { append, codec, deploymentId, eventId, newEvent, newEvents, readEvents } from "../contract/builders.ts";
import type { DeploymentCursor, DeploymentId, EventStore, StoreFaultError } from "../src/index.ts";
import { openSqliteStore } from "../src/sqlite/store.ts";
import { rewriteChecksums } from "./rewrite-checksums.ts";
import { sqlitePlace } from "./sqlite-place.ts";

let place: Awaited<ReturnType<typeof sqlitePlace>>;
let store: EventStore;
beforeEach(async () => {
  place = await sqlitePlace((file) => openSqliteStore({ file, codec }));
  store = await place.open();
  await append(store, "d", [newEvent({ id: "a", labels: { team: "x" } })]);
  await append(store, "d", newEvents(69));
  await append(store, "e", newEvents(3));
});
afterEach(() => place.remove());

/** Whose checksums do not fit, as a disk leaves them, or fit, as of a fault that made them of what was wrong already. */
type Checksums = "as they were" | "of what is there";

function shell(sql: string, checksums: Checksums = "as they were"): void {
  const database = new DatabaseSync(place.file);
  database.exec(sql);
  if (checksums === "of what is there") rewriteChecksums(database);
  database.close();
}

const eachChecksums = describe.each(["as they were", "of what is there"] as const);

function readHeads() {
  const filter = { environment: "", service: "", state: undefined };
  return store.readDeployments({ cursor: undefined, filter, deploymentsMax: 9 });
}

function readArrivals() {
  return store.readArrivals({ cursor: undefined, eventsMax: 1_000, bytesMax: 1_000_000 });
}

const damaged = { reason: "STORE_DAMAGED" };
const number = "(SELECT number FROM deployments WHERE deployment_id = 'd')";
const head = `WHERE deployment = ${number}`;
const eventA = "WHERE event_id = 'a'";

const damagedEvents = [
  ["labels that are no JSON", `UPDATE events SET labels = '{' ${eventA}`],
  ["labels that are no object", `UPDATE events SET labels = '["x"]' ${eventA}`],
  ["labels that are no texts", `UPDATE events SET labels = '{"team":1}' ${eventA}`],
  ["a sequence beyond all numbers", `UPDATE events SET sequence = 9007199254740993 ${eventA}`],
  ["the sequence 0", `UPDATE events SET sequence = 0 ${eventA}`],
  ["a sequence above the head", `UPDATE events SET sequence = 71 ${eventA}`],
] as const;

const damagedHeads = [
  ["a state that there is not", "UPDATE deployments SET state = 'lost' WHERE deployment_id = 'd'"],
  ["an outcome that there is not", "UPDATE deployments SET outcome = 'lost' WHERE deployment_id = 'd'"],
  ["a time beyond all numbers", `UPDATE heads SET update_time_us = 9007199254740993 ${head}`],
  ["no head sequence", `UPDATE heads SET head_sequence = 0 ${head}`],
  ["no head at all", `DELETE FROM heads ${head}`],
] as const;

const damagedEnds = [
  ["a head that was set back", `UPDATE heads SET head_sequence = 69 ${head}`],
  ["a head that was set forward", `UPDATE heads SET head_sequence = 71 ${head}`],
  ["a last run that was cut off", `UPDATE heads SET last_run = substr(last_run, 1, 3) ${head}`],
  ["a last run that ends in a number", `UPDATE heads SET last_run = unhex(hex(last_run) || '81') ${head}`],
  ["a last run with a number twice", `UPDATE heads SET last_run = unhex(hex(last_run) || '00') ${head}`],
  ["a last run that was emptied", `UPDATE heads SET last_run = x'' ${head}`],
  ["no run before the last", `DELETE FROM runs ${head}`],
  ["a run before the last that was cut off", `UPDATE runs SET events = substr(events, 1, 5) ${head}`],
  ["no last event", `DELETE FROM events WHERE sequence = 70 AND deployment = ${number}`],
  ["no first event of the last run", `DELETE FROM events WHERE sequence = 65 AND deployment = ${number}`],
] as const;

eachChecksums("a read of arrivals, with checksums %s,", (checksums) => {
  test.each(damagedEvents)("that meets an event with %s names its place and gives all others", async (_, sql) => {
    shell(sql, checksums);

    const { arrivals, damaged: places } = await store.readArrivals({
      cursor: undefined,
      eventsMax: 1_000,
      bytesMax: 1_000_000,
    });

    expect(places).toMatchObject([{ deploymentId: "d" }]);
    expect(arrivals.map(({ deploymentId: of, event }) => `${of}/${event.sequence}`)).toEqual([
      ...Array.from({ length: 69 }, (_, index) => `d/${index + 2}`),
      ...["e/1", "e/2", "e/3"],
    ]);
  });

  test("counts what is damaged as the page's, so that the next page goes on behind it", async () => {
    shell("UPDATE events SET labels = '{'", checksums);

    const first = await store.readArrivals({ cursor: undefined, eventsMax: 40, bytesMax: 1_000_000 });
    const second = await store.readArrivals({ cursor: first.next, eventsMax: 40, bytesMax: 1_000_000 });

    expect([first, second].map(({ arrivals, damaged: places }) => [arrivals.length, places.length])).toEqual([
      [0, 40],
      [0, 33],
    ]);
    expect(second.next).toBeUndefined();
  });
});

eachChecksums("an append, with checksums %s,", (checksums) => {
  test.each(damagedEvents)(
    "that meets an event with %s is refused as damage, and so is all that follows",
    async (_, sql) => {
      shell(sql, checksums);

      await expect(append(store, "d", [newEvent({ id: "a" })])).rejects.toMatchObject(damaged);

      await expect(append(store, "d", newEvents(1))).rejects.toMatchObject(damaged);
      await expect(append(store, "d", newEvents(2))).rejects.toMatchObject(damaged);
      expect(await append(store, "e", newEvents(1))).toMatchObject([{ duplicate: false, event: { sequence: 4 } }]);
    },
  );

  test.each([...damagedHeads, ...damagedEnds])(
    "to a deployment with %s is refused as damage, and its neighbours in the commit are stored",
    async (_, sql) => {
      shell(sql, checksums);

      const answers = await Promise.allSettled([
        append(store, "e", newEvents(1)),
        append(store, "d", newEvents(1)),
        append(store, "d", newEvents(2)),
        append(store, "e", newEvents(1)),
      ]);
      const later = append(store, "d", newEvents(1));

      await expect(later).rejects.toMatchObject({ ...damaged, place: { deploymentId: "d" } });
      expect(answers).toMatchObject([
        { status: "fulfilled" },
        { status: "rejected", reason: damaged },
        { status: "rejected", reason: damaged },
        { status: "fulfilled" },
      ]);
      expect((await readEvents(store, "e")).events).toHaveLength(5);
    },
  );

  test("is refused as damage on the connection, too, that follows a fault of the file", async () => {
    shell(`UPDATE events SET labels = '{' ${eventA}`, checksums);
    await expect(append(store, "d", [newEvent({ id: "a" })])).rejects.toMatchObject(damaged);

    renameSync(place.file, `${place.file}.away`);
    await expect(append(store, "e", newEvents(1))).rejects.toMatchObject({ name: "StoreFaultError" });
    renameSync(`${place.file}.away`, place.file);

    await expect(append(store, "d", newEvents(1))).rejects.toMatchObject(damaged);
    expect(await append(store, "f", newEvents(1))).toMatchObject([{ event: { sequence: 1 } }]);
  });

  test("goes on when a person has mended what was damaged", async () => {
    shell(`UPDATE heads SET head_sequence = 69 ${head}`, checksums);
    await expect(append(store, "d", newEvents(1))).rejects.toMatchObject(damaged);

    shell(`UPDATE heads SET head_sequence = 70 ${head}`, checksums);

    expect(await append(store, "d", newEvents(1))).toMatchObject([{ event: { sequence: 71 } }]);
  });
});

describe("an append", () => {
  const reads = [
    ["an event", () => store.readEvent(deploymentId("d"), eventId("a")), `UPDATE events SET type = 'other' ${eventA}`],
    ["a page", () => readEvents(store, "d"), `UPDATE events SET content = x'00' ${eventA}`],
    ["the middle of a page", () => readEvents(store, "d"), "UPDATE events SET stamp = x'00' WHERE sequence = 9"],
    [
      "a page with a gap",
      () => readEvents(store, "d"),
      `DELETE FROM events WHERE deployment = ${number} AND sequence = 9`,
    ],
    ["a run", () => readEvents(store, "d"), `UPDATE runs SET events = zeroblob(70) ${head}`],
    ["a lost run", () => readEvents(store, "d"), `DELETE FROM runs ${head}`],
    ["a head", () => store.readDeployment(deploymentId("d")), `UPDATE heads SET update_time_us = 7 ${head}`],
    ["heads", () => readHeads(), "UPDATE deployments SET service = 'other' WHERE deployment_id = 'd'"],
    ["arrivals", () => readArrivals(), `UPDATE events SET severity = 800 ${eventA}`],
  ] as const;

  test("is refused as damage where the head is from before the newest events, as after a write that was lost", async () => {
    shell("CREATE TABLE lost AS SELECT * FROM heads");
    await append(store, "d", newEvents(1));
    await store.close();
    shell("REPLACE INTO heads SELECT * FROM lost; DROP TABLE lost");
    store = await place.open();

    const refused = append(store, "d", newEvents(1));

    await expect(refused).rejects.toMatchObject({ ...damaged, place: { deploymentId: "d", sequence: 71 } });
    expect(await append(store, "e", newEvents(1))).toMatchObject([{ event: { sequence: 4 } }]);
  });

  test.each(reads)("is refused as damage where a read of %s met it first, and nowhere else", async (_, read, sql) => {
    shell(sql);
    // The thread that appends has seen the write, and has the deployment at hand as it was.
    await append(store, "e", newEvents(1));
    await Promise.allSettled([read()]);

    const refused = append(store, "d", newEvents(1));

    await expect(refused).rejects.toMatchObject({ ...damaged, place: { deploymentId: "d" } });
    expect(await append(store, "e", newEvents(1))).toMatchObject([{ duplicate: false, event: { sequence: 5 } }]);
  });

  test("is refused as damage while a table of the store is not there", async () => {
    shell("ALTER TABLE heads RENAME TO elsewhere");

    await expect(append(store, "e", newEvents(1))).rejects.toMatchObject(damaged);
    await expect(append(store, "e", newEvents(1))).rejects.toMatchObject(damaged);

    shell("ALTER TABLE elsewhere RENAME TO heads");
    expect(await append(store, "e", newEvents(1))).toMatchObject([{ event: { sequence: 4 } }]);
  });

  test("is refused as damage where the stored content cannot be compared, and its neighbours are stored", async () => {
    shell(`UPDATE events SET content = x'ff' ${eventA}`, "of what is there");

    const answers = await Promise.allSettled([
      append(store, "d", newEvents(1)),
      append(store, "d", [newEvent({ id: "a" })]),
      append(store, "d", newEvents(1)),
    ]);

    expect(answers).toMatchObject([
      { status: "fulfilled" },
      { status: "rejected", reason: { ...damaged, place: { deploymentId: "d", sequence: 1 } } },
      { status: "fulfilled" },
    ]);
  });
});

eachChecksums("a read, with checksums %s,", (checksums) => {
  test.each(damagedEvents)("of an event with %s is refused as damage", async (_, sql) => {
    shell(sql, checksums);

    await expect(store.readEvent(deploymentId("d"), eventId("a"))).rejects.toMatchObject(damaged);
    const atFirst = { ...damaged, place: { deploymentId: "d", sequence: 1 } };
    await expect(readEvents(store, "d")).rejects.toMatchObject(atFirst);
    expect((await readEvents(store, "d", { cursor: 1 })).events).toHaveLength(69);
    const before = await readEvents(store, "d", { order: "descending" });
    expect(before).toMatchObject({ cursor: 2, looked: 69, more: true });
    expect(before.events).toHaveLength(69);
    await expect(readEvents(store, "d", { order: "descending", cursor: 2 })).rejects.toMatchObject(atFirst);
  });

  test.each(damagedHeads)(
    "of a head with %s is refused as damage, never answered as if it were none",
    async (_, sql) => {
      shell(sql, checksums);
      const filter = { environment: "", service: "", state: undefined };

      await expect(store.readDeployment(deploymentId("d"))).rejects.toMatchObject({
        ...damaged,
        place: { deploymentId: "d" },
      });
      // Of two that were created at the same time the other comes first.
      const first = await store
        .readDeployments({ cursor: undefined, filter, deploymentsMax: 9 })
        .catch(() => undefined);
      const cursor = first?.next;
      await expect(store.readDeployments({ cursor, filter, deploymentsMax: 9 })).rejects.toMatchObject(damaged);
      expect(await store.readDeployment(deploymentId("e"))).toMatchObject({ headSequence: 3 });
    },
  );

  test.each([
    ["that ends in a number", "81"],
    ["with a number twice", "00"],
  ])("of events by a run %s is refused as damage", async (_, byte) => {
    shell(`UPDATE runs SET events = unhex(hex(events) || '${byte}') ${head}`, checksums);

    await expect(readEvents(store, "d")).rejects.toMatchObject({ ...damaged, place: { deploymentId: "d" } });
  });
});

test("a damaged head parts the list of deployments: what precedes it, the fault with its place, and what is behind it", async () => {
  await append(store, "c", newEvents(1), { receiveTimeUs: 500 });
  await append(store, "f", newEvents(1), { receiveTimeUs: 2_000_000 });
  shell(
    "UPDATE heads SET history_hash = randomblob(32) WHERE deployment = (SELECT number FROM deployments WHERE deployment_id = 'e')",
  );
  const filter = { environment: "", service: "", state: undefined };
  const page = (cursor: DeploymentCursor | undefined) => store.readDeployments({ cursor, filter, deploymentsMax: 9 });

  const first = await page(undefined);
  const fault = await page(first.next).then(
    () => undefined,
    (error) => error as StoreFaultError,
  );
  const { deploymentId: id, createTimeUs } = fault?.place ?? {};
  const behind = await page({ deploymentId: id as DeploymentId, createTimeUs: createTimeUs ?? 0 });

  expect(first.deployments.map((head) => head.deploymentId)).toEqual(["f"]);
  expect(fault).toMatchObject({ reason: "STORE_DAMAGED", place: { deploymentId: "e", createTimeUs: 1_000_000 } });
  expect(behind.deployments.map((head) => head.deploymentId)).toEqual(["d", "c"]);
});
