import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { append, newEvents, readSequences, sequencesTo } from "@activity-events/event-store/contract/builders";
import { storedLines } from "@activity-events/event-store/contract/stored-lines";
import { sqlitePlace } from "@activity-events/event-store/test/sqlite-place";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { MigrationProgress } from "../event-store/src/index.ts";
import { schemaVersion } from "../event-store/src/sqlite/migrations/schema.ts";
import { openSqliteStore } from "../event-store/src/sqlite/store.ts";
import { contentCodec } from "../run-service/src/content-codec.ts";
import { keptBySchema } from "./kept-by-schema.ts";
import { multiplySchema3 } from "./multiply-schema-3.ts";

const files = join(import.meta.dirname, "..", "event-store", "test", "files");
const expected = readFileSync(join(files, "schema-3.jsonl"), "utf8").trimEnd().split("\n");

let place: Awaited<ReturnType<typeof sqlitePlace>>;
let told: MigrationProgress[];
beforeEach(async () => {
  told = [];
  const onMigration = (progress: MigrationProgress) => told.push(progress);
  place = await sqlitePlace((file) => openSqliteStore({ file, codec: contentCodec, onMigration }));
  copyFileSync(join(files, "schema-3.db"), place.file);
});
afterEach(() => place.remove());

function shell(sql: string): void {
  using database = new DatabaseSync(place.file);
  database.exec(sql);
}

const kept = (line: string) => keptBySchema(3, line);

async function expectWhole(): Promise<void> {
  const store = await place.open();
  const lines = await storedLines(store);
  expect(lines.map(kept)).toEqual(expected.map(kept));
  await store.close();
}

function besideTheStore(): readonly string[] {
  return readdirSync(dirname(place.file)).filter((name) => name.includes("migrating"));
}

describe("a file of an older schema", () => {
  test("is brought along once, and says how far it is", async () => {
    await expectWhole();
    const schemas = { fromSchema: 3, toSchema: schemaVersion };
    // Each step takes each event.
    const total = 304 * (schemaVersion - 3);
    expect(told).toEqual([
      { ...schemas, done: 0, total },
      { ...schemas, done: total, total },
    ]);

    await expectWhole();

    expect(told).toHaveLength(2);
    expect(besideTheStore()).toEqual([]);
  });

  test("keeps the modes that its owner gave it", async () => {
    shell("PRAGMA user_version = 3");
    const { mode } = statSync(place.file);

    await expectWhole();

    expect(statSync(place.file).mode).toBe(mode);
  });

  test("is brought along with what only its log holds", async () => {
    const log = new DatabaseSync(place.file);
    log.exec(
      "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; UPDATE events SET receive_time_us = 7 WHERE sequence = 1",
    );
    const copied = ["", "-wal"].map((end) => [end, readFileSync(`${place.file}${end}`)] as const);
    log.close();
    // As a kill leaves them.
    for (const [end, bytes] of copied) writeFileSync(`${place.file}${end}`, bytes);

    const store = await place.open();

    const { deployments } = await store.readDeployments({
      cursor: undefined,
      filter: { environment: "", service: "", state: undefined },
      deploymentsMax: 100,
    });
    expect(deployments.map(({ createTimeUs }) => createTimeUs)).toEqual(Array.from({ length: 13 }, () => 7));
    await store.close();
  });

  test("is taken up anew where one before came to no end, whatever that left", async () => {
    writeFileSync(`${place.file}-migrating-${schemaVersion}`, "half a file");
    writeFileSync(`${place.file}-migrating-${schemaVersion}-journal`, "half a journal");

    await expectWhole();

    expect(besideTheStore()).toEqual([]);
  });

  test("is left alone while another program has it open", async () => {
    using reader = new DatabaseSync(place.file);
    reader.exec("PRAGMA journal_mode = WAL; BEGIN; SELECT * FROM events");

    await expect(place.open()).rejects.toThrow(
      /cannot be migrated to schema \d+ and is unchanged: another program (holds|uses)/,
    );

    expect(besideTheStore()).toEqual([]);
    reader.exec("COMMIT");
  });

  test.each([
    [
      "an event that is not there",
      "DELETE FROM events WHERE event_id = 'long-9'",
      /event 10 of long is not in its place/,
    ],
    [
      "an event that no run names",
      "INSERT INTO events SELECT 900, deployment, sequence, 'more', receive_time_us, type, severity, labels, content, stamp FROM events LIMIT 1",
      /305 rows of events were there, and 304/,
    ],
    [
      "labels that are none",
      "UPDATE events SET labels = '{' WHERE event_id = 'long-9'",
      /event long-9 of long is not as it was stored/,
    ],
    [
      "a head that is not there",
      "DELETE FROM heads WHERE deployment = 1",
      /the head of queued is not as it was stored/,
    ],
  ])("is refused with %s, and left as it was", async (_, sql, message) => {
    shell(sql);
    const before = readFileSync(place.file);

    await expect(place.open()).rejects.toThrow(message);
    await expect(place.open()).rejects.toThrow(/run the version of the program that made it, or restore a backup/);

    expect(readFileSync(place.file).equals(before)).toBe(true);
    expect(besideTheStore()).toEqual([]);
  });

  test.each([2, 1, 0])("is refused when it is of schema %d", async (version) => {
    shell(`PRAGMA user_version = ${version}`);

    await expect(place.open()).rejects.toThrow(new RegExp(`has schema ${version}.* supports 3 and newer`));
  });
});

test("loses nothing at a kill at any moment of a migration, and goes on at the next start", async () => {
  multiplySchema3(place.file, 40);
  const original = readFileSync(place.file);
  const begun = performance.now();
  const whole = await openInChild().whole;
  const wholeMs = performance.now() - begun;
  let killed = 0;
  let unfinished = 0;

  for (let round = 0; round < 20; round += 1) {
    writeFileSync(place.file, original);
    const { child, whole: ended } = openInChild();
    await sleep((wholeMs * (round + 0.5)) / 20);
    child.kill("SIGKILL");
    await ended;
    if (child.signalCode === "SIGKILL") killed += 1;
    if (besideTheStore().length > 0) unfinished += 1;

    expect(await openInChild().whole).toBe(whole);
    expect(besideTheStore()).toEqual([]);
  }

  expect(killed).toBeGreaterThan(0);
  expect(unfinished).toBeGreaterThan(0);
  const store = await place.open();
  expect(await readSequences(store, "copy-7-long")).toEqual(sequencesTo(70));
  await append(store, "copy-7-long", newEvents(1));
  await store.close();
}, 300_000);

const script = join(import.meta.dirname, "tell-stored.ts");

/** Opens the store in a process that can be killed; `whole` is what it says when it is not. */
function openInChild() {
  const child = spawn(process.execPath, [script, place.file], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  return { child, whole: once(child, "close").then(() => said) };
}
