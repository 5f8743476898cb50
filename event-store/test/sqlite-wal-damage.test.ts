import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { removeTemporaryFolders, temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { codec } from "../contract/builders.ts";
import { seedOf } from "../contract/histories.ts";
import { StoreOpenError } from "../src/index.ts";
import { openSqliteStore } from "../src/sqlite/store.ts";
import { randomNumbers } from "./random-numbers.ts";
import { acknowledgedIn, runStoreProcess } from "./store-process.ts";

const seed = seedOf(process.env);
const rounds = 30;

let folder: string;
/** The files of a store that was killed, those of an earlier moment of it, and those of another store. */
let killed: string;
let earlier: string;
let other: string;
let acknowledged: Map<string, number>;

// Small commits of several deployments, through some beginnings of the write-ahead log.
const history = (commits: number, atHalf = "") => `
  const store = await open();
  for (let commit = 0; commit < ${commits}; commit += 1) {
    await append(store, "d" + commit % 7, 1 + commit % 5);
    if (commit === ${commits} / 2) { ${atHalf} }
  }
  await kill();`;

beforeAll(async () => {
  folder = temporaryFolder().path;
  [killed, earlier, other] = ["killed", "earlier", "other"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [killed, earlier, other]) mkdirSync(path);
  const ofEarlier = `
    const { copyFileSync, readdirSync } = await import("node:fs");
    for (const name of readdirSync(${JSON.stringify(killed)}).filter((name) => name.startsWith("events.db")))
      copyFileSync(${JSON.stringify(`${killed}/`)} + name, ${JSON.stringify(`${earlier}/`)} + name);`;
  acknowledged = acknowledgedIn(await runStoreProcess(join(killed, "events.db"), history(900, ofEarlier)));
  expect(acknowledged.size).toBe(7);
  await runStoreProcess(join(other, "events.db"), history(40));
}, 120_000);
afterAll(removeTemporaryFolders);

type Random = (below: number) => number;

/** Where in a log something happens: half of them in the part that the last beginning has written. */
function placeIn(bytes: Buffer, random: Random): number {
  return random(2) === 0 ? random(bytes.length) : random(Math.min(bytes.length, 300_000));
}

function change(wal: string, changed: (bytes: Buffer) => void): void {
  const bytes = readFileSync(wal);
  changed(bytes);
  writeFileSync(wal, bytes);
}

const damages: Readonly<Record<string, (file: string, random: Random) => void>> = {
  "50 flipped bits in -wal": (file, random) =>
    change(`${file}-wal`, (bytes) => {
      for (let flips = 0; flips < 50; flips += 1) {
        const at = placeIn(bytes, random);
        bytes[at] = (bytes[at] as number) ^ (1 << random(8));
      }
    }),
  "one flipped bit in -wal": (file, random) =>
    change(`${file}-wal`, (bytes) => {
      const at = placeIn(bytes, random);
      bytes[at] = (bytes[at] as number) ^ (1 << random(8));
    }),
  "a flipped bit in the header of -wal": (file, random) =>
    change(`${file}-wal`, (bytes) => {
      const at = random(32);
      bytes[at] = (bytes[at] as number) ^ (1 << random(8));
    }),
  "zeros in -wal": (file, random) =>
    change(`${file}-wal`, (bytes) => {
      const at = placeIn(bytes, random);
      bytes.fill(0, at, at + 512);
    }),
  "a frame of -wal written in another's place": (file, random) =>
    change(`${file}-wal`, (bytes) => {
      const [from, to] = [32 + 4_120 * random(60), 32 + 4_120 * random(60)];
      bytes.copy(bytes, to, from, from + 4_120);
    }),
  "-wal cut off": (file, random) => truncateSync(`${file}-wal`, placeIn(readFileSync(`${file}-wal`), random)),
  "-wal missing": (file) => rmSync(`${file}-wal`),
  "-wal of another store": (file) => copyFileSync(join(other, "events.db-wal"), `${file}-wal`),
  "-wal of an earlier moment": (file) => copyFileSync(join(earlier, "events.db-wal"), `${file}-wal`),
  "-wal and marker of an earlier moment": (file) => {
    for (const end of ["-wal", "-marker"]) copyFileSync(join(earlier, `events.db${end}`), `${file}${end}`);
  },
  "events.db of an earlier moment": (file) => copyFileSync(join(earlier, "events.db"), file),
  "events.db and -wal of an earlier moment": (file) => {
    for (const end of ["", "-wal"]) copyFileSync(join(earlier, `events.db${end}`), `${file}${end}`);
  },
  "events.db of another store": (file) => copyFileSync(join(other, "events.db"), file),
};

/** Opens a store and lets it go, and answers the last sequence of each deployment; undefined: it is refused. */
async function headsOf(file: string): Promise<Map<string, number> | undefined> {
  try {
    const store = await openSqliteStore({ file, codec });
    await store.close();
  } catch (error) {
    if (error instanceof StoreOpenError) return undefined;
    throw error;
  }
  using database = new DatabaseSync(file, { readOnly: true });
  const rows = database
    .prepare(
      `SELECT deployment_id AS id, count(*) AS events, max(sequence) AS last FROM events
       JOIN deployments ON deployments.number = deployment GROUP BY deployment`,
    )
    .all() as { id: string; events: number; last: number }[];
  // Every event up to the last.
  expect(rows.map(({ events }) => events)).toEqual(rows.map(({ last }) => last));
  return new Map(rows.map(({ id, last }) => [id, last]));
}

test("a store that was killed starts with all that was acknowledged", async () => {
  const file = copyOf(killed);

  expect(await headsOf(file)).toEqual(acknowledged);
});

test.each(Object.entries(damages))(
  `a start on %s has every acknowledged event or is refused, and then changes nothing`,
  async (_, damage) => {
    const random = randomNumbers(seed);
    let refused = 0;
    for (let round = 0; round < rounds; round += 1) {
      const file = copyOf(killed);
      damage(file, random);
      const before = bytesOf(file);

      const heads = await headsOf(file);

      if (heads !== undefined) expect(heads).toEqual(acknowledged);
      else {
        expect(bytesOf(file)).toEqual(before);
        refused += 1;
      }
      rmSync(join(file, ".."), { recursive: true });
    }
    // The damage was met at least once.
    expect(refused).toBeGreaterThan(0);
  },
);

test.each(Object.entries(damages).filter(([name]) => !/bit|zeros|cut|frame/.test(name)))(
  "a start on %s is refused with the ways out, and goes on when that is accepted",
  async (_, damage) => {
    const file = copyOf(killed);
    damage(file, randomNumbers(seed));

    const refused = openSqliteStore({ file, codec });
    await expect(refused).rejects.toThrow(
      /\n.*lost.*\n +activity_server restore FILE .*\n +activity_server --accept-loss/,
    );
    const store = await openSqliteStore({ file, codec, acceptLoss: true });
    await store.close();
    const again = await openSqliteStore({ file, codec });
    await again.close();

    expect(store.traits.acceptedLoss?.fault).toMatch(/events\.db/);
    expect(again.traits.acceptedLoss).toBeUndefined();
    expect(existsSync(`${store.traits.acceptedLoss?.kept}-marker`)).toBe(true);
  },
);

let copies = 0;

function copyOf(path: string): string {
  copies += 1;
  const copy = join(folder, `copy-${copies}`);
  mkdirSync(copy);
  for (const name of readdirSync(path).filter((name) => /^events\.db(-wal|-marker)?$/.test(name))) {
    copyFileSync(join(path, name), join(copy, name));
  }
  return join(copy, "events.db");
}

/** What a refused start leaves as it is. */
function bytesOf(file: string): readonly (string | undefined)[] {
  return ["", "-wal", "-marker"].map((end) =>
    existsSync(`${file}${end}`) ? readFileSync(`${file}${end}`).toString("latin1") : undefined,
  );
}
