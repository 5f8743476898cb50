import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { removeTemporaryFolders, temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { append, codec, newEvents, readEvents, readSequences, sequencesTo } from "../contract/builders.ts";
import { seedOf } from "../contract/histories.ts";
import { copyStore } from "../src/sqlite/commands/copy-store.ts";
import { openSqliteStore } from "../src/sqlite/store.ts";
import { randomNumbers } from "./random-numbers.ts";
import { acknowledgedIn, runStoreProcess } from "./store-process.ts";

const seed = seedOf(process.env);
let folder: string;
let file: string;
beforeEach(() => {
  folder = temporaryFolder().path;
  file = join(folder, "events.db");
});
afterEach(removeTemporaryFolders);

const open = () => openSqliteStore({ file, codec });

test("a store that is killed at any moment, while it starts, appends or stops, starts again with all that it told of", async () => {
  const random = randomNumbers(seed);
  const acknowledged = new Map<string, number>();
  for (let round = 0; round < 16; round += 1) {
    const commits = random(2) === 0 ? 2 : 12;
    const script = `
      for (;;) {
        say("opening");
        const store = await open();
        say("open");
        for (let commit = 0; commit < ${commits}; commit += 1) await append(store, "d" + commit % 3, 20);
        say("closing");
        await store.close();
      }`;
    // The line that it is killed at: each of the moments in turn, of the first or the second time.
    const line = [1, 2, 3 + random(commits), 3 + commits][round % 4] as number;

    const lines = await runStoreProcess(file, script, line + (3 + commits) * random(2));
    for (const [id, sequence] of acknowledgedIn(lines)) acknowledged.set(id, sequence);
  }

  const store = await open();
  expect([...acknowledged.keys()]).toContain("d1");
  for (const [id, sequence] of acknowledged) {
    const sequences = await readSequences(store, id);
    expect(sequences).toEqual(sequencesTo(sequences.length));
    expect(sequences.length).toBeGreaterThanOrEqual(sequence);
  }
  await store.close();
  expect(store.traits.acceptedLoss).toBeUndefined();
}, 240_000);

test("a log that goes while the store is open stops appends, and a restart has every event", async () => {
  const store = await open();
  await append(store, "d", newEvents(5));
  await store.probe();

  rmSync(`${file}-wal`);
  const appended = append(store, "d", newEvents(1));

  await expect(appended).rejects.toMatchObject({ reason: "STORE_IO_ERROR", message: expect.stringMatching(/-wal/) });
  await expect(append(store, "d", newEvents(1))).rejects.toMatchObject({ reason: "STORE_IO_ERROR" });
  await expect(store.probe()).rejects.toMatchObject({ reason: "STORE_IO_ERROR" });
  expect((await readSequences(store, "d")).slice(0, 5)).toEqual(sequencesTo(5));
  await store.close();
  const next = await open();
  expect((await readSequences(next, "d")).slice(0, 5)).toEqual(sequencesTo(5));
  await next.close();
});

test("a log that goes while the store is open loses nothing though the process is killed then", async () => {
  const lines = await runStoreProcess(
    file,
    `const store = await open();
     await append(store, "d", 5);
     (await import("node:fs")).rmSync(${JSON.stringify(`${file}-wal`)});
     await append(store, "d", 1).catch(() => { say("refused"); return kill(); });`,
  );

  const store = await open();

  expect(lines.at(-1)).toBe("refused");
  expect((await readSequences(store, "d")).slice(0, 5)).toEqual(sequencesTo(5));
  await store.close();
});

test("a log that was moved away and is put back is gone on with", async () => {
  const store = await open();
  await append(store, "d", newEvents(5));

  renameSync(`${file}-wal`, `${file}-elsewhere`);
  const refused = append(store, "d", newEvents(1));
  await expect(refused).rejects.toMatchObject({ reason: "STORE_IO_ERROR" });
  renameSync(`${file}-elsewhere`, `${file}-wal`);
  await append(store, "d", newEvents(1));

  const sequences = await readSequences(store, "d");
  expect(sequences).toEqual(sequencesTo(sequences.length));
  await store.close();
});

test("a file that was put in the place of the log is not taken in, and is kept", async () => {
  const store = await open();
  await append(store, "d", newEvents(5));
  rmSync(`${file}-wal`);
  writeFileSync(`${file}-wal`, "somebody else's");

  await expect(append(store, "d", newEvents(1))).rejects.toMatchObject({ reason: "STORE_IO_ERROR" });
  await store.close();

  const kept = readdirSync(folder).find((name) => /-kept-.*-wal$/.test(name)) ?? "";
  expect(readFileSync(join(folder, kept), "utf8")).toBe("somebody else's");
  expect(existsSync(`${file}-wal`)).toBe(false);
  const next = await open();
  expect((await readSequences(next, "d")).slice(0, 5)).toEqual(sequencesTo(5));
  await next.close();
});

test("a copy that is put in the place of the open file is appended to by nobody", async () => {
  const store = await open();
  await append(store, "d", newEvents(5));
  await copyStore(file, `${file}-copy`);
  await append(store, "d", newEvents(1));

  renameSync(`${file}-copy`, file);
  const before = readFileSync(file);

  for (let time = 0; time < 3; time += 1) {
    await expect(append(store, "d", newEvents(1))).rejects.toMatchObject({ reason: "STORE_IO_ERROR" });
    await expect(store.probe()).rejects.toMatchObject({ reason: "STORE_IO_ERROR" });
  }
  await store.close();
  expect(readFileSync(file).equals(before)).toBe(true);
  await expect(open()).rejects.toThrow(/events\.db-wal does not belong to .*events\.db,/);
});

test("a killed store whose log somebody's shell took into the file starts: nothing is missing", async () => {
  await runStoreProcess(file, `const store = await open(); await append(store, "d", 5); await kill();`);
  const shell = new DatabaseSync(file);
  shell.exec("UPDATE events SET stamp = stamp");
  shell.close();
  expect(existsSync(`${file}-wal`)).toBe(false);

  const store = await open();

  expect(await readSequences(store, "d")).toEqual(sequencesTo(5));
  await store.close();
});

test("one whose log was taken in only in part is refused, though the last event is in the file", async () => {
  await runStoreProcess(file, `const store = await open(); await append(store, "d", 5); await kill();`);
  const shell = new DatabaseSync(file);
  shell.exec("UPDATE heads SET head_sequence = 4");
  shell.close();

  await expect(open()).rejects.toThrow(/events\.db-wal is missing or empty/);
});

test("a file that is gone after a clean stop is missed, and so is a later one in whose place an older one lies", async () => {
  for (const events of [5, 5]) {
    const store = await open();
    await append(store, "d", newEvents(events));
    await store.close();
    if (!existsSync(`${file}-old`)) copyFileSync(file, `${file}-old`);
  }
  renameSync(file, `${file}-moved`);
  await expect(open()).rejects.toThrow(/events\.db is missing, although the last stop left it/);
  copyFileSync(`${file}-old`, file);
  await expect(open()).rejects.toThrow(/events\.db lacks events of the last stop.*About 5 of 10 acknowledged events/s);
  await expect(copyStore(file, `${file}-backup`)).rejects.toThrow(/was not copied: .*lacks events/);
  copyFileSync(`${file}-moved`, file);

  const store = await open();

  expect(await readSequences(store, "d")).toEqual(sequencesTo(10));
  await store.close();
});

test("a marker that somebody removes is made anew with the next commit, so that a lost log is missed", async () => {
  await runStoreProcess(
    file,
    `const store = await open();
     await append(store, "d", 5);
     (await import("node:fs")).rmSync(${JSON.stringify(`${file}-marker`)});
     await append(store, "d", 5);
     await kill();`,
  );
  rmSync(`${file}-wal`);

  await expect(open()).rejects.toThrow(/events\.db-wal is missing or empty/);
});

test.each([
  ["was stopped", "await store.close();"],
  ["was killed", "await kill();"],
])("the marker of a newer run that %s does not judge the file and log of an older program", async (_, end) => {
  await runStoreProcess(file, `const store = await open(); await append(store, "d", 5); ${end}`);
  for (const rest of ["-wal", "-shm"]) rmSync(`${file}${rest}`, { force: true });
  copyFileSync(new URL("./files/schema-3.db", import.meta.url), file);
  // As an older program leaves them that is killed.
  const older = new DatabaseSync(file);
  older.exec(
    "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; UPDATE events SET receive_time_us = 7 WHERE sequence = 1",
  );
  const left = ["", "-wal"].map((rest) => [`${file}${rest}`, readFileSync(`${file}${rest}`)] as const);
  older.close();
  for (const [path, bytes] of left) writeFileSync(path, bytes);

  const store = await open();

  const page = await readEvents(store, "full");
  expect(page.events.length).toBe(64);
  expect(page.events[0]?.receiveTimeUs).toBe(7);
  await store.close();
});
