import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { append, codec, deploymentId, newEvent, newEvents, readSequences, sequencesTo } from "../contract/builders.ts";
import { limits } from "../src/limits.ts";
import { copyStore } from "../src/sqlite/commands/copy-store.ts";
import { openSqliteStore } from "../src/sqlite/store.ts";
import { rewriteChecksums } from "./rewrite-checksums.ts";
import { sqlitePlace } from "./sqlite-place.ts";

let place: Awaited<ReturnType<typeof sqlitePlace>>;
beforeEach(async () => {
  place = await sqlitePlace((file) => openSqliteStore({ file, codec }));
});
afterEach(() => place.remove());

/** A closed store with so many events. */
async function storeWith(events: number): Promise<void> {
  const store = await place.open();
  for (let left = events; left > 0; left -= 100) await append(store, "d", newEvents(Math.min(100, left)));
  await store.close();
}

async function expectRefusedUntouched(message: RegExp): Promise<void> {
  const before = readFileSync(place.file);

  await expect(place.open()).rejects.toThrow(message);

  expect(Buffer.compare(readFileSync(place.file), before)).toBe(0);
}

test("refuses a file that another store holds, and takes it when that one is closed", async () => {
  const holder = await place.open();

  await expect(place.open()).rejects.toThrow(/another process holds .*events\.db/);

  await append(holder, "d", newEvents(1));
  await holder.close();
  const next = await place.open();
  expect(await readSequences(next, "d")).toEqual([1]);
  await next.close();
});

test("refuses a file that is no database", async () => {
  writeFileSync(
    place.file,
    "my letters to grandmother, which are longer than one hundred bytes, so that there is a whole header to look at",
  );

  await expectRefusedUntouched(/is not an event store/);
});

test("refuses an empty file, which no store of ours ever is", async () => {
  writeFileSync(place.file, "");

  await expectRefusedUntouched(/is not an event store/);
});

test.each([18, 19])(
  "refuses a store whose header names another format at byte %d, which SQLite would only read",
  async (at) => {
    await (await place.open()).close();
    const bytes = readFileSync(place.file);
    bytes.writeUInt8(bytes.readUInt8(at) | 0x04, at);
    writeFileSync(place.file, bytes);

    await expectRefusedUntouched(/is not an event store, or its header is damaged/);
  },
);

test("refuses a database of another program", async () => {
  const other = new DatabaseSync(place.file);
  other.exec("CREATE TABLE letters (text TEXT)");
  other.close();

  await expectRefusedUntouched(/is not an event store/);
});

test("refuses a database of another program that was killed, and leaves its log where it is", async () => {
  const other = new DatabaseSync(place.file);
  other.exec("PRAGMA journal_mode = WAL; CREATE TABLE letters (text TEXT)");
  for (const end of ["", "-wal"]) copyFileSync(`${place.file}${end}`, `${place.file}-other${end}`);
  other.close();
  for (const end of ["", "-wal"]) renameSync(`${place.file}-other${end}`, `${place.file}${end}`);
  const log = readFileSync(`${place.file}-wal`);

  await expectRefusedUntouched(/is not an event store/);

  expect(readFileSync(`${place.file}-wal`).equals(log)).toBe(true);
});

test("refuses a store of a newer schema", async () => {
  await storeWith(1);
  const newer = new DatabaseSync(place.file);
  newer.exec("PRAGMA user_version = 99");
  newer.close();

  await expectRefusedUntouched(/has schema 99 but this program supports 5/);
});

test("refuses a store that was cut off", async () => {
  await storeWith(2_000);
  truncateSync(place.file, 40_960);

  await expectRefusedUntouched(/it is cut off: 40960 of \d+ bytes are there; go back to a copy/);
});

test("refuses a store whose tables were overwritten", async () => {
  await storeWith(10);
  const bytes = readFileSync(place.file);
  bytes.fill(0xaa, 4_096);
  writeFileSync(place.file, bytes);

  await expectRefusedUntouched(/damaged|malformed/);
});

test("opens when a start before was cut short while the file was made", async () => {
  writeFileSync(`${place.file}-new`, "half a file");

  const store = await place.open();

  await append(store, "d", newEvents(1));
  expect(await readSequences(store, "d")).toEqual([1]);
  await store.close();
});

test("refuses to begin a new store beside what is left of one", async () => {
  await storeWith(1);
  renameSync(place.file, `${place.file}-elsewhere`);
  writeFileSync(`${place.file}-wal`, "the events that were appended last");

  await expect(place.open()).rejects.toThrow(/is missing, but its events are in .*-wal/);

  expect(existsSync(place.file)).toBe(false);
});

test("acknowledges nothing when its file is removed, and goes on when it is back", async () => {
  const store = await place.open();
  await append(store, "d", newEvents(2));

  renameSync(place.file, `${place.file}-elsewhere`);
  const first = append(store, "d", newEvents(1));
  await expect(first).rejects.toMatchObject({ reason: "STORE_IO_ERROR" });
  await expect(append(store, "d", newEvents(1))).rejects.toMatchObject({ reason: "STORE_IO_ERROR" });
  expect(existsSync(place.file)).toBe(false);
  renameSync(`${place.file}-elsewhere`, place.file);
  const [next] = await append(store, "d", newEvents(1));

  const sequences = await readSequences(store, "d");
  expect(sequences).toEqual(sequencesTo(sequences.length));
  expect(sequences.at(-1)).toBe(next?.event.sequence);
  await store.close();
});

test("leaves another program's file alone that was put in the place of its own", async () => {
  const store = await place.open();
  await append(store, "d", newEvents(1));
  const letters = new DatabaseSync(`${place.file}-letters`);
  letters.exec("CREATE TABLE letters (text TEXT)");
  letters.close();
  const before = readFileSync(`${place.file}-letters`);
  for (const left of [place.file, `${place.file}-wal`, `${place.file}-shm`]) rmSync(left, { force: true });
  renameSync(`${place.file}-letters`, place.file);

  await expect(append(store, "d", newEvents(1))).rejects.toMatchObject({ reason: "STORE_IO_ERROR" });
  await expect(append(store, "d", newEvents(1))).rejects.toMatchObject({ reason: "STORE_IO_ERROR" });

  expect(Buffer.compare(readFileSync(place.file), before)).toBe(0);
  await store.close();
});

test("keeps what a person changed with a shell while it was open", async () => {
  const store = await place.open();
  await append(store, "d", newEvents(1));

  const shell = new DatabaseSync(place.file);
  shell.exec("UPDATE deployments SET service = 'renamed'");
  rewriteChecksums(shell);
  shell.close();
  await append(store, "d", newEvents(1));

  expect(await store.readDeployment(deploymentId("d"))).toMatchObject({ headSequence: 2, service: "renamed" });
  await store.close();
});

test("goes on with the run of events that it was closed in", async () => {
  for (const events of [40, 40, 60]) {
    const store = await place.open();
    await append(store, "d", newEvents(events));
    await store.close();
  }

  const store = await place.open();

  expect(await readSequences(store, "d")).toEqual(sequencesTo(140));
  await store.close();
});

test("forgets what it knew of a deployment that a person changed, whatever it was", async () => {
  const store = await place.open();
  await append(store, "d", [newEvent({ type: "deployment.started", revision: "r1", actor: "ann" })]);

  const shell = new DatabaseSync(place.file);
  shell.exec("UPDATE deployments SET revision = 'r2', actor = 'bob'");
  rewriteChecksums(shell);
  shell.close();
  // Changes a column of the same row, which would take the others along as they were known before.
  await append(store, "d", [newEvent({ service: "shop" })]);

  expect(await store.readDeployment(deploymentId("d"))).toMatchObject({
    revision: "r2",
    actor: "bob",
    service: "shop",
  });
  await store.close();
});

test("tells a run of events that was damaged, rather than to read them under other sequences", async () => {
  const store = await place.open();
  await append(store, "d", newEvents(3));

  const shell = new DatabaseSync(place.file);
  shell.exec("UPDATE heads SET last_run = substr(last_run, 1, 2)");
  rewriteChecksums(shell);
  shell.close();

  await expect(readSequences(store, "d")).rejects.toMatchObject({ reason: "STORE_DAMAGED" });
  await store.close();
});

test.each([15, 16, 17, 70])("writes the heads of %d deployments in one commit", async (count) => {
  const store = await place.open();
  const ids = Array.from({ length: count }, (_, place) => `d${place}`);

  await Promise.all(ids.map((id) => append(store, id, newEvents(2))));
  await Promise.all(ids.map((id) => append(store, id, newEvents(1))));

  for (const id of ids) expect(await readSequences(store, id)).toEqual([1, 2, 3]);
  await store.close();
});

test("goes on without a gap after a commit of which the store refused a part", async () => {
  const store = await place.open();
  await append(store, "other", newEvents(1));
  const shell = new DatabaseSync(place.file);
  shell.exec(`CREATE TRIGGER refuse BEFORE INSERT ON events WHEN new.event_id = 'refused'
    BEGIN SELECT RAISE(ABORT, 'not this one'); END`);
  shell.close();
  await append(store, "d", newEvents(3));

  const outcomes = await Promise.allSettled([
    append(store, "d", newEvents(1)),
    append(store, "other", [newEvent({ id: "refused" })]),
    append(store, "d", newEvents(2)),
  ]);
  await append(store, "d", newEvents(1));

  expect(outcomes).toMatchObject([
    { status: "fulfilled" },
    { status: "rejected", reason: { reason: "STORE_REFUSED" } },
    { status: "fulfilled" },
  ]);
  expect(await readSequences(store, "d")).toEqual(sequencesTo(7));
  expect(await readSequences(store, "other")).toEqual([1]);
  await store.close();
});

test("answers the callers of one commit in several turns of the event loop", async () => {
  const store = await place.open();
  let turn = 0;
  const answeredIn: number[] = [];

  const all = Promise.all(
    Array.from({ length: 100 }, () => append(store, "d", newEvents(1)).then(() => answeredIn.push(turn))),
  );
  while (answeredIn.length < 100) {
    await nextTurn();
    turn += 1;
  }
  await all;

  const answersByTurn = Map.groupBy(answeredIn, (turn) => turn);
  expect(Math.max(...[...answersByTurn.values()].map(({ length }) => length))).toBeLessThanOrEqual(limits.turnAnswers);
  await store.close();
});

test.each(["open", "closed"])(
  "keeps events apart from those that a person took away while it was %s, and appends nothing after the hole",
  async (state) => {
    let store = await place.open();
    await append(store, "other", newEvents(200));
    await append(store, "d", newEvents(10));

    if (state === "closed") await store.close();
    const shell = new DatabaseSync(place.file);
    shell.exec("DELETE FROM events WHERE number > 205");
    shell.close();
    if (state === "closed") {
      await expect(place.open()).rejects.toThrow(/lacks events of the last stop/);
      store = await openSqliteStore({ file: place.file, codec, acceptLoss: true });
    }
    await append(store, "other", newEvents(10));
    const refused = append(store, "d", newEvents(3));

    await expect(refused).rejects.toMatchObject({ reason: "STORE_DAMAGED", place: { deploymentId: "d" } });
    expect(await readSequences(store, "other")).toEqual(sequencesTo(210));
    expect(await readSequences(store, "d")).toEqual([1, 2, 3, 4, 5]);
    await store.close();
  },
);

test("can be copied while it is written, into a store that opens", async () => {
  const store = await place.open();
  await append(store, "d", newEvents(100));
  const copy = `${place.file}-copy`;

  const writing = Promise.all(Array.from({ length: 200 }, () => append(store, "d", newEvents(1))));
  await copyStore(place.file, copy);
  await writing;

  await store.close();
  const copied = await openSqliteStore({ file: copy, codec });
  const sequences = await readSequences(copied, "d");
  expect(sequences.length).toBeGreaterThanOrEqual(100);
  expect(sequences).toEqual(sequencesTo(sequences.length));
  await copied.close();
});

test("never copies over a file that is there", async () => {
  await storeWith(1);

  await expect(copyStore(place.file, place.file)).rejects.toThrow(/exists/);
});

test("says which store is missing when there is nothing to copy", async () => {
  await expect(copyStore(`${place.file}-none`, `${place.file}-copy`)).rejects.toThrow(/there is no store/);
});
