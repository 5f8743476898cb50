import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { append, codec, newEvents, readSequences } from "../contract/builders.ts";
import { openSqliteStore } from "../src/sqlite/store.ts";
import { sqlitePlace } from "./sqlite-place.ts";

let place: Awaited<ReturnType<typeof sqlitePlace>>;
beforeEach(async () => {
  place = await sqlitePlace((file) => openSqliteStore({ file, codec }));
});
afterEach(() => place.remove());

const storeModule = new URL("../src/sqlite/store.ts", import.meta.url).href;
const buildersModule = new URL("../contract/builders.ts", import.meta.url).href;

/** Runs a script in a process of its own, with the function `open` and the threads that were started; answers what it printed. */
async function run(script: string): Promise<string> {
  const prelude = `
    const { openSqliteStore } = await import(${JSON.stringify(storeModule)});
    const threads = [];
    process.on("worker", (thread) => threads.push(thread));
    const { codec, newEvent } = await import(${JSON.stringify(buildersModule)});
    const open = () => openSqliteStore({ file: ${JSON.stringify(place.file)}, codec });
    const append = (store, id) => store.append(
      { deploymentId: "d", events: [newEvent({ id })],
        expected: { kind: "any" }, receiveTimeUs: 1 },
      { deadlineMs: Date.now() + 30_000 },
    );`;
  const file = join(dirname(place.file), "script.mjs");
  await writeFile(file, prelude + script);
  const { stdout } = await promisify(execFile)(process.execPath, [file]);
  return stdout;
}

test.each([
  ["appends", 0],
  ["reads", 1],
])("lets its file go when it is closed after the thread that %s has died", async (_, thread) => {
  const printed = await run(`
    const store = await open();
    await append(store, "a");
    await store.probe();
    const died = store.died;
    await threads[${thread}].terminate();
    await died;
    await store.close();
    const next = await open();
    await append(next, "b");
    await next.close();
    console.log("taken again");`);

  expect(printed).toBe("taken again\n");
  const store = await place.open();
  expect(await readSequences(store, "d")).toEqual([1, 2]);
  await append(store, "d", newEvents(1));
});

test("lets its file go when its threads die while it is being closed", async () => {
  const printed = await run(`
    const store = await open();
    await append(store, "a");
    await store.probe();
    const closed = store.close();
    await Promise.all(threads.map((thread) => thread.terminate()));
    await closed;
    await (await open()).close();
    console.log("taken again");`);

  expect(printed).toBe("taken again\n");
});

test("leaves one file, whole, when it is closed in order", async () => {
  const left: string[][] = [];
  for (let round = 0; round < 20; round += 1) {
    const store = await openSqliteStore({ file: place.file, codec });
    await append(store, "d", newEvents(1));
    await readSequences(store, "d");
    await store.close();
    left.push(readdirSync(dirname(place.file)).filter((name) => /-(wal|shm)$/.test(name)));
  }

  expect(left.flat()).toEqual([]);
});
