import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { removeTemporaryFolders, temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { append, codec, newEvents, readSequences, sequencesTo } from "../contract/builders.ts";
import { seedOf } from "../contract/histories.ts";
import { checkOwnStore } from "../src/sqlite/commands/check-own-store.ts";
import { checkStore } from "../src/sqlite/commands/check-store.ts";
import { copyStore } from "../src/sqlite/commands/copy-store.ts";
import { restoreStore } from "../src/sqlite/commands/restore-store.ts";
import { openSqliteStore } from "../src/sqlite/store.ts";
import { randomNumbers } from "./random-numbers.ts";
import { rewriteChecksums } from "./rewrite-checksums.ts";
import { runStoreProcess } from "./store-process.ts";

const seed = seedOf(process.env);
let folder: string;
let file: string;
let copy: string;
beforeEach(() => {
  folder = temporaryFolder().path;
  [file, copy] = [join(folder, "events.db"), join(folder, "copy.db")];
});
afterEach(removeTemporaryFolders);

const open = () => openSqliteStore({ file, codec });
const nothing = () => {};
const shallow = { deep: false, onProgress: nothing } as const;

async function storeWith(events: number): Promise<void> {
  const store = await open();
  for (let left = events; left > 0; left -= 100) await append(store, "d", newEvents(Math.min(100, left)));
  await store.close();
}

async function sequencesNow(): Promise<number[]> {
  const store = await open();
  const sequences = await readSequences(store, "d");
  await store.close();
  return sequences;
}

test("a copy that lies in the place of a killed store's file beside its log is refused, and restore puts it there whole", async () => {
  await storeWith(5);
  await copyStore(file, copy);
  await runStoreProcess(file, `const store = await open(); await append(store, "d", 2); await kill();`);

  copyFileSync(copy, file);
  await expect(open()).rejects.toThrow(/events\.db-wal does not belong to .*events\.db,.*\n.*activity_server restore/s);
  const { report, kept } = await restoreStore(file, copy, nothing);

  expect(report).toMatchObject({ deployments: 1, events: 5, found: 0 });
  expect(existsSync(`${kept}-wal`)).toBe(true);
  expect(await sequencesNow()).toEqual(sequencesTo(5));
});

test("what a restore replaces is kept with its log, and can be gone back to", async () => {
  await storeWith(5);
  await copyStore(file, copy);
  await runStoreProcess(file, `const store = await open(); await append(store, "d", 2); await kill();`);

  const { kept = "" } = await restoreStore(file, copy, nothing);
  expect(await sequencesNow()).toEqual(sequencesTo(5));
  await restoreStore(file, kept, nothing);

  expect(await sequencesNow()).toEqual(sequencesTo(7));
});

test("a restore is refused while a store is open, from itself, from nothing and from a damaged copy, and changes nothing", async () => {
  await storeWith(300);
  await copyStore(file, copy);
  const shell = new DatabaseSync(copy);
  shell.exec("DELETE FROM events WHERE sequence = 7");
  shell.close();

  await expect(restoreStore(file, copy, nothing)).rejects.toThrow(/copy\.db is damaged, so nothing was restored: .*7/);
  await expect(restoreStore(file, file, nothing)).rejects.toThrow(/is the store itself/);
  await expect(restoreStore(file, `${copy}-none`, nothing)).rejects.toThrow(/there is no copy/);
  const store = await open();
  await expect(restoreStore(file, copy, nothing)).rejects.toThrow(/another process holds/);
  await store.close();

  expect(readdirSync(folder).filter((name) => /restoring|kept/.test(name))).toEqual([]);
  expect(await sequencesNow()).toHaveLength(300);
});

test("a restore that is killed at any moment leaves the store of before or the copy, whole", async () => {
  const random = randomNumbers(seed);
  await storeWith(5);
  await copyStore(file, copy);
  await runStoreProcess(file, `const store = await open(); await append(store, "d", 2); await kill();`);
  const left = ["", "-wal", "-marker"].map((end) => `${file}${end}`);
  for (const path of left) copyFileSync(path, `${path}.before`);
  const restoreModule = new URL("../src/sqlite/commands/restore-store.ts", import.meta.url).href;
  const seen = new Set<number>();

  for (let round = 0; round < 24; round += 1) {
    for (const name of readdirSync(folder))
      if (/^events\.db/.test(name) && !/before$/.test(name)) rmSync(join(folder, name));
    for (const path of left) copyFileSync(`${path}.before`, path);
    // Killed in the middle of what it asks the system for, at its n-th call that changes names or makes them durable; the first one never.
    const last = round === 0 ? Number.MAX_SAFE_INTEGER : 1 + random(60);
    await runStoreProcess(
      file,
      `import { syncBuiltinESMExports } from "node:module";
       import fs from "node:fs";
       let calls = 0;
       for (const name of ["fsyncSync", "renameSync", "writeSync", "rmSync", "openSync"]) {
         const real = fs[name];
         fs[name] = (...args) => { if (++calls === ${last}) process.kill(process.pid, "SIGKILL"); return real(...args); };
       }
       syncBuiltinESMExports();
       const { restoreStore } = await import(${JSON.stringify(restoreModule)});
       await restoreStore(${JSON.stringify(file)}, ${JSON.stringify(copy)}, () => {});`,
    );

    const sequences = await sequencesNow();

    expect([sequencesTo(5), sequencesTo(7)]).toContainEqual(sequences);
    expect(readdirSync(folder).filter((name) => name.startsWith("events.db-restoring"))).toEqual([]);
    seen.add(sequences.length);
  }
  expect([...seen].sort()).toEqual([5, 7]);
}, 240_000);

test("a check of a sound store counts what is there and changes nothing", async () => {
  await storeWith(300);
  const names = readdirSync(folder);

  const reports = [
    await checkOwnStore(file, { deep: false, onProgress: nothing }),
    await checkOwnStore(file, { deep: true, onProgress: nothing }),
  ];

  for (const report of reports) expect(report).toMatchObject({ deployments: 1, events: 300, findings: [], found: 0 });
  expect(readdirSync(folder).sort()).toEqual(names.sort());
});

test("a check takes the log of a killed store in, and leaves it where it is", async () => {
  await runStoreProcess(file, `const store = await open(); await append(store, "d", 9); await kill();`);

  expect(await checkOwnStore(file, shallow)).toMatchObject({ events: 9, found: 0 });

  rmSync(`${file}-wal`);
  expect((await checkOwnStore(file, shallow)).findings[0]?.what).toMatch(/events\.db-wal is missing/);
});

test("a check calls no file cut off whose end is still in its log, as after a kill while the log was written into it", async () => {
  await runStoreProcess(file, `const store = await open(); await append(store, "d", 300); await kill();`);
  const before = readFileSync(file);
  const written = `${file}-written`;
  for (const end of ["", "-wal"]) copyFileSync(`${file}${end}`, `${written}${end}`);
  const database = new DatabaseSync(written);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
  const firstPage = readFileSync(written).subarray(0, 4_096);

  writeFileSync(file, Buffer.concat([firstPage, before.subarray(4_096)]));

  expect(await checkOwnStore(file, shallow)).toMatchObject({ events: 300, findings: [] });
});

const number = "(SELECT number FROM deployments WHERE deployment_id = 'd')";

test.each([
  ["an event that is gone", "DELETE FROM events WHERE sequence = 70", { deploymentId: "d", sequence: 70 }],
  [
    "a head that was set back",
    `UPDATE heads SET head_sequence = 299 WHERE deployment = ${number}`,
    { deploymentId: "d" },
  ],
  ["a head that is gone", `DELETE FROM heads WHERE deployment = ${number}`, { deploymentId: "d" }],
  ["a run that is gone", "DELETE FROM runs WHERE first_sequence = 65", { deploymentId: "d", sequence: 65 }],
  [
    "labels that are no JSON",
    "UPDATE events SET labels = '{' WHERE sequence = 12",
    { deploymentId: "d", sequence: 12 },
  ],
  [
    "an event of no deployment",
    "INSERT INTO events SELECT number + 1000, deployment + 9, sequence, event_id, receive_time_us, type, severity, labels, content, stamp, salt, checksum FROM events WHERE sequence = 1",
    {},
  ],
])("a check finds %s", async (_, sql, place) => {
  await storeWith(300);
  const shell = new DatabaseSync(file);
  shell.exec(sql);
  shell.close();

  const { findings } = checkStore(file, shallow);

  expect(findings).toContainEqual(expect.objectContaining(place));
});

test("a check finds an id that is stored twice", async () => {
  await storeWith(3);
  const shell = new DatabaseSync(file, { defensive: false });
  shell.exec(`PRAGMA writable_schema = ON;
    UPDATE sqlite_schema SET sql = replace(sql, 'UNIQUE (event_id, deployment)', 'CHECK (1)') WHERE name = 'events';
    DELETE FROM sqlite_schema WHERE name = 'sqlite_autoindex_events_1'; PRAGMA writable_schema = RESET;`);
  shell.exec("UPDATE events SET event_id = (SELECT event_id FROM events WHERE sequence = 1) WHERE sequence = 2");
  rewriteChecksums(shell);
  shell.close();

  const { findings } = checkStore(file, shallow);

  expect(findings).toContainEqual(
    expect.objectContaining({ what: expect.stringMatching(/its id .* leads to another event/) }),
  );
});

const unnoticed: [string, string, RegExp][] = [
  ["the content of an event", "UPDATE events SET content = 'x' WHERE sequence = 7", /history hash is not that of/],
  ["the salt of an event", "UPDATE events SET salt = zeroblob(16) WHERE sequence = 7", /history hash is not that of/],
  ["the time of an event", "UPDATE events SET receive_time_us = 5 WHERE sequence = 7", /history hash is not that of/],
  ["what a head shows", "UPDATE deployments SET state = 'finished'", /not what its events add up to: state differs/],
  ["a history hash", "UPDATE heads SET history_hash = randomblob(32)", /history hash is not that of/],
];
test.each(unnoticed)("a check finds %s that was changed together with its checksum", async (_, sql, what) => {
  await storeWith(9);
  const shell = new DatabaseSync(file);
  shell.exec(sql.replace("'x'", `CAST('${JSON.stringify({ message: "another" })}' AS BLOB)`));
  rewriteChecksums(shell);
  shell.close();

  expect(checkStore(file, shallow).findings).toEqual([]);
  const { findings } = checkStore(file, { ...shallow, codec });

  expect(findings).toContainEqual({ deploymentId: "d", what: expect.stringMatching(what) });
});

test("a check with all its proofs finds nothing in a sound store", async () => {
  await storeWith(300);

  expect(checkStore(file, { deep: true, codec, onProgress: nothing })).toMatchObject({ events: 300, findings: [] });
});
