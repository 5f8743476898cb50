import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { removeTemporaryFolders, temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { append, codec, deploymentId, encode, eventId, newEvent } from "../contract/builders.ts";
import { seedOf } from "../contract/histories.ts";
import { type EventStore, purgedType, redactedType } from "../src/index.ts";
import { emptyFile, emptyLog } from "../src/sqlite/appending/empty-files.ts";
import { checkStore } from "../src/sqlite/commands/check-store.ts";
import { Unallocated } from "../src/sqlite/files/unallocated.ts";
import { openSqliteStore } from "../src/sqlite/store.ts";
import { randomNumbers } from "./random-numbers.ts";

const seed = seedOf(process.env);
let file: string;
beforeEach(() => {
  file = join(temporaryFolder().path, "events.db");
});
const opened: EventStore[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
  removeTemporaryFolders();
});

async function open(): Promise<EventStore> {
  const store = await openSqliteStore({ file, codec });
  opened.push(store);
  return store;
}
const inTime = () => ({ deadlineMs: Date.now() + 60_000 });

/** Names the files of the store's folder that have one of these texts, with the text. */
function foundIn(folder: string, texts: readonly string[]): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const bytes = readFileSync(join(folder, name));
    return texts.filter((text) => bytes.includes(text)).map((text) => `${name}: ${text}`);
  });
}

async function redact(store: EventStore, id: string, of: string): Promise<void> {
  const read = await store.readEvent(deploymentId(id), eventId(of), { hidden: true });
  if (read === undefined) throw new Error(`there is no event ${of}`);
  const content = encode({ type: "deployment.progress" });
  const left = { content, stamp: new Uint8Array(), facts: codec.factsOf({ content, stamp: new Uint8Array() }) };
  const redacted = await store.redactEvent(
    {
      deploymentId: deploymentId(id),
      read,
      facts: codec.factsOf(read),
      left,
      notice: newEvent({ type: redactedType }),
      receiveTimeUs: 2_000_000,
    },
    inTime(),
  );
  expect(redacted.kind).toBe("redacted");
}

async function purge(store: EventStore, id: string, { emptyLater = false } = {}): Promise<void> {
  const notice = newEvent({ type: purgedType });
  await store.beginPurge({ deploymentId: deploymentId(id), notice, receiveTimeUs: 3_000_000 }, inTime());
  while ((await store.purgeSome(deploymentId(id), { ...inTime(), emptyLater })).more);
}

test("of thousands of events, redacted and purged at random, no removed byte is in any file of the folder", async () => {
  const random = randomNumbers(seed);
  const store = await open();
  const ids = Array.from({ length: 120 }, (_, index) => `d${index}`);
  /** Events that are still there, by deployment, and all that must be gone. */
  const there = new Map<string, string[]>(ids.map((id) => [id, []]));
  const gone: string[] = [];
  const secretsOf = (name: string) => [`message-of-${name}-`, `actor-of-${name}-`, `page-of-${name}-`];
  let made = 0;
  for (let round = 0; round < 12; round += 1) {
    await Promise.all(
      Array.from({ length: 60 }, async () => {
        const id = ids[random(ids.length)] as string;
        const events = Array.from({ length: 1 + random(8) }, () => {
          // Not the name of a notice, which the builder numbers.
          const name = `told-${made++}`;
          there.get(id)?.push(name);
          const [message = "", actor = "", page = ""] = secretsOf(name);
          const filler = "m".repeat(random(4) === 0 ? random(9_000) : random(300));
          return newEvent({
            id: name,
            message: message + filler,
            actor: actor + "a".repeat(random(200)),
            ...(random(3) === 0 ? { url: `https://x.test/${page}${"p".repeat(random(300))}` } : {}),
          });
        });
        await append(store, id, events);
      }),
    );
    for (let edit = 0; edit < 10; edit += 1) {
      const place = random(ids.length);
      const id = ids[place] as string;
      const names = there.get(id) ?? [];
      if (random(5) === 0 && names.length > 0) {
        await purge(store, id);
        gone.push(...names.flatMap(secretsOf));
        there.delete(id);
        ids[place] = `${id}-after-${round}`;
        there.set(ids[place], []);
      } else if (names.length > 0) {
        const [name = ""] = names.splice(random(names.length), 1);
        await redact(store, id, name);
        gone.push(...secretsOf(name));
      }
    }
  }

  expect(gone.length).toBeGreaterThan(300);
  expect(foundIn(dirname(file), gone)).toEqual([]);
  const kept = [...there.values()].flat();
  expect(
    foundIn(
      dirname(file),
      kept.slice(0, 50).map((name) => `message-of-${name}-`),
    ).length,
  ).toBeGreaterThan(0);
  await opened.pop()?.close();
  expect(foundIn(dirname(file), gone)).toEqual([]);
  expect(checkStore(file, { deep: true, onProgress: () => {}, codec }).findings).toEqual([]);
}, 240_000);

test("copies that SQLite leaves where it moves rows are overwritten, and come back with no later write", () => {
  const random = randomNumbers(seed);
  using database = new DatabaseSync(file);
  database.exec(`PRAGMA secure_delete = ON; PRAGMA journal_mode = WAL; CREATE TABLE unemptied (deployment INTEGER);
    CREATE TABLE rows (number INTEGER PRIMARY KEY, value TEXT, later INTEGER) STRICT`);
  const write = database.prepare("REPLACE INTO rows VALUES (?, ?, 0)");
  const now = new Map<number, string>();
  const lost = (): readonly string[] => {
    expect(emptyLog(database)).toBe(true);
    const there = new Set(now.values());
    const found = readFileSync(file, "latin1").match(/value-\d+-/g) ?? [];
    return found.filter((value) => !there.has(value));
  };
  let made = 0;
  // SQLite leaves one now and then.
  do {
    database.exec("BEGIN");
    for (let time = 0; time < 2_000; time += 1) {
      const number = 1 + random(1_500);
      const value = `value-${made++}-`;
      write.run(number, value + "x".repeat(random(500)));
      now.set(number, value);
    }
    database.exec("COMMIT");
  } while (lost().length === 0);
  const unallocated = new Unallocated(file);

  emptyFile(database, unallocated, () => true);

  expect(lost()).toEqual([]);
  database.exec("UPDATE rows SET later = 1");
  expect(lost()).toEqual([]);
  const [check] = database.prepare("PRAGMA integrity_check").all();
  expect(check?.integrity_check).toBe("ok");
  const rows = database.prepare("SELECT number, value FROM rows").all() as { number: number; value: string }[];
  expect(rows.length).toBe(now.size);
  for (const { number, value } of rows) expect(value.startsWith(now.get(number) as string)).toBe(true);
});

describe("what purges leave in the files for later", () => {
  const ids = ["a", "b", "c"];
  const secrets = ids.map((id) => `hunter-${id}-`);
  let store: EventStore;
  beforeEach(async () => {
    store = await open();
    for (const id of [...ids, "kept"])
      await append(store, id, [newEvent({ id: `of-${id}`, message: `hunter-${id}-` })]);
    for (const id of ids) await purge(store, id, { emptyLater: true });
  });

  test("stays there while others append, and goes when it is asked for", async () => {
    await append(store, "kept", [newEvent()]);
    expect(foundIn(dirname(file), secrets)).not.toEqual([]);

    await store.finishEmptying(inTime());

    expect(foundIn(dirname(file), secrets)).toEqual([]);
  });

  test.each(["a redaction", "a purge", "a restart after a kill"])("goes with %s", async (edit) => {
    if (edit === "a redaction") await redact(store, "kept", "of-kept");
    else if (edit === "a purge") await purge(store, "kept");
    else {
      // As a process leaves them that is killed: the store that is open does not see these copies.
      const folder = temporaryFolder().path;
      for (const end of ["", "-wal", "-marker"]) copyFileSync(file + end, join(folder, `events.db${end}`));
      file = join(folder, "events.db");
      expect(foundIn(folder, secrets)).not.toEqual([]);
      await open();
    }

    expect(foundIn(dirname(file), secrets)).toEqual([]);
  });
});

/** Reads the log until it is closed, as a program of somebody else. */
function readingProgram(): DatabaseSync {
  const other = new DatabaseSync(file, { readOnly: true });
  other.exec("BEGIN");
  other.prepare("SELECT count(*) FROM events").get();
  return other;
}

test("while another program reads the log, a redaction stands, says so, and is finished when that program has ended", async () => {
  const store = await open();
  await append(store, "d", [newEvent({ id: "leak", message: "hunter2" }), newEvent()]);
  const other = readingProgram();

  await expect(redact(store, "d", "leak")).rejects.toMatchObject({ reason: "STORE_UNAVAILABLE" });

  const { redaction } = (await store.readEvent(deploymentId("d"), eventId("leak"))) ?? {};
  expect(redaction).toBeDefined();
  expect(foundIn(dirname(file), ["hunter2"])).not.toEqual([]);
  await expect(store.finishEmptying(inTime())).rejects.toMatchObject({ reason: "STORE_UNAVAILABLE" });
  await append(store, "d", [newEvent()]);
  other.close();
  await store.finishEmptying(inTime());
  expect(foundIn(dirname(file), ["hunter2"])).toEqual([]);
  await append(store, "d", [newEvent()]);
}, 60_000);

test("what another program has kept there goes by itself when that program has ended, and nobody appends", async () => {
  const store = await open();
  await append(store, "d", [newEvent({ id: "leak", message: "hunter2" })]);
  const other = readingProgram();
  await expect(redact(store, "d", "leak")).rejects.toMatchObject({ reason: "STORE_UNAVAILABLE" });
  expect(foundIn(dirname(file), ["hunter2"])).not.toEqual([]);

  other.close();

  while (foundIn(dirname(file), ["hunter2"]).length > 0) await sleep(100);
}, 60_000);
