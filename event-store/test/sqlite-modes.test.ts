import { chmodSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { append, codec, newEvents } from "../contract/builders.ts";
import { copyStore } from "../src/sqlite/commands/copy-store.ts";
import { openSqliteStore } from "../src/sqlite/store.ts";
import { sqlitePlace } from "./sqlite-place.ts";

let place: Awaited<ReturnType<typeof sqlitePlace>>;
let folder: string;
/** What all may do unless a program says otherwise; the widest here, so that what is narrow was meant to be. */
let umaskBefore: number;
beforeEach(async () => {
  umaskBefore = process.umask(0);
  place = await sqlitePlace((file) => openSqliteStore({ file: join(dirname(file), "a", "b", "events.db"), codec }));
  folder = join(dirname(place.file), "a", "b");
});
afterEach(async () => {
  process.umask(umaskBefore);
  await place.remove();
});

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
const modes = () => Object.fromEntries(readdirSync(folder).map((name) => [name, modeOf(join(folder, name))]));

test("keeps its files for their owner, in a folder of the owner's", async () => {
  const store = await place.open();
  await append(store, "d", newEvents(100));
  await store.readDeployments({
    cursor: undefined,
    filter: { environment: "", service: "", state: undefined },
    deploymentsMax: 1,
  });

  expect(modeOf(folder)).toBe("700");
  expect(modeOf(dirname(folder))).toBe("700");
  expect(modes()).toEqual({
    "events.db": "600",
    "events.db-lock": "600",
    "events.db-lock-journal": "600",
    "events.db-marker": "600",
    "events.db-shm": "600",
    "events.db-wal": "600",
  });
  expect(store.traits.exposed).toEqual([]);
});

test("keeps a copy for its owner", async () => {
  const store = await place.open();
  await append(store, "d", newEvents(100));

  await copyStore(join(folder, "events.db"), join(folder, "copy.db"));

  expect(modes()["copy.db"]).toBe("600");
});

test("tells which of its files and folder others may use, and leaves them as they are", async () => {
  await (await place.open()).close();
  chmodSync(folder, 0o750);
  chmodSync(join(folder, "events.db"), 0o644);
  chmodSync(join(folder, "events.db-lock"), 0o602);

  const store = await place.open();

  expect(store.traits.exposed).toEqual([
    { path: folder, mode: "750" },
    { path: join(folder, "events.db"), mode: "644" },
    { path: join(folder, "events.db-lock"), mode: "602" },
  ]);
  expect(modeOf(join(folder, "events.db"))).toBe("644");
});
