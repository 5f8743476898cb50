import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { append, codec, deploymentId, newEvents, readEvents } from "../contract/builders.ts";
import type { ScrubFinding } from "../src/index.ts";
import { openSqliteStore } from "../src/sqlite/store.ts";
import { type Hidden, judgeCopy, type Model, type Verdict } from "./damaged-copy.ts";
import { openScrubbed, stillHidden } from "./scrubbed-copy.ts";
import { sqlitePlace } from "./sqlite-place.ts";

const seed = Number(process.env.SEED || Math.floor(Math.random() * 2 ** 32));
const pageBytes = 4_096;
/** Where a page says what it is and where its rows are. */
const headerBytes = 24;
const copies = 70;

let place: Awaited<ReturnType<typeof sqlitePlace>>;
let original: Buffer;
let marker: Buffer;
const model: Map<Parameters<Model["get"]>[0], NonNullable<ReturnType<Model["get"]>>> = new Map();

beforeAll(async () => {
  process.stderr.write(`seed ${seed} (SEED=${seed} damages the same bits again)\n`);
  place = await sqlitePlace((file) => openSqliteStore({ file, codec }));
  const store = await place.open();
  const ids = Array.from({ length: 20 }, (_, index) => `deployment-${(index * 37) % 100}`);
  const kinds = [{}, { labels: { team: "x" } }, { type: "deployment.started", stamp: Buffer.of(1, 2, 3) }, {}];
  for (const [round, kind] of kinds.entries()) {
    for (const [index, id] of ids.entries()) {
      await append(store, id, newEvents(index < 2 ? 50 : 12, kind), {
        receiveTimeUs: 1_000_000 + 1_000 * round + index,
      });
    }
  }
  for (const id of ids) {
    const { events } = await readEvents(store, id);
    model.set(deploymentId(id), { head: await store.readDeployment(deploymentId(id)), events });
  }
  await store.close();
  original = readFileSync(place.file);
  marker = readFileSync(`${place.file}-marker`);
});
afterAll(() => place.remove());

test.each([
  ["50 bits anywhere", 50, pageBytes],
  ["one bit anywhere", 1, pageBytes],
  ["one bit where a page says what it holds", 1, headerBytes],
])(
  "serves no wrong event or head, and leaves none out in silence, with %s flipped",
  async (what, bits, bytes) => {
    const verdicts: Verdict[] = [];
    const random = seededRandom(seed + bits + bytes);
    for (let copy = 0; copy < copies; copy += 1) {
      const damaged = Buffer.from(original);
      const pages = damaged.length / pageBytes;
      for (let bit = 0; bit < bits; bit += 1) {
        const at = random(pages) * pageBytes + random(bytes);
        damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << random(8)), at);
      }
      writeDamaged(damaged);

      const verdict = await judgeCopy(place.file, model);

      const name = `copy ${copy} of ${what}`;
      expect({ name, wrong: verdict.wrong }).toEqual({ name, wrong: [] });
      verdicts.push(verdict);
      if (verdict.hidden.length === 0) continue;
      writeDamaged(damaged);
      let untold: readonly Hidden[] = verdict.hidden;
      let findings: readonly ScrubFinding[] = [];
      // Where the damage is in the free room of a page, each append that takes the room may hide more: a later look tells.
      for (let look = 0; look < 8 && untold.length > 0; look += 1) {
        const scrubbed = await openScrubbed(place.file);
        findings = scrubbed.findings;
        untold = await stillHidden(scrubbed, untold, (id) => model.has(id)).finally(() => scrubbed.store.close());
      }
      const hidden = untold.map((one) => `${one.kind} ${one.deploymentId}`);
      expect({ name, hidden, findings }).toMatchObject({ name, hidden: [] });
    }
    const hiding = verdicts.filter(({ hidden }) => hidden.length > 0);
    process.stderr.write(
      `${what}: ${hiding.length} of ${copies} copies hide something until they are looked through\n`,
    );

    // The damage is met: otherwise nothing was shown.
    expect(verdicts.filter(({ refused, faults }) => refused || faults > 0).length).toBeGreaterThan(copies / 8);
  },
  600_000,
);

test("says that an index is damaged where an id would stand, and never that there is none", async () => {
  for (const id of ["deployment-37", "deployment-0"]) {
    const { events = [] } = model.get(deploymentId(id)) ?? {};
    for (const { eventId } of events.filter((_, index) => index % 40 === 0)) {
      writeDamaged(flippedInIndexes(eventId));
      const opened = await openSqliteStore({ file: place.file, codec });
      const refused = opened.readEvent(deploymentId(id), eventId);

      await expect(refused).rejects.toMatchObject({ reason: "STORE_DAMAGED", place: { deploymentId: id } });

      expect((await readEvents(opened, id)).events).toHaveLength(200);
      await opened.close();
    }
    writeDamaged(flippedInIndexes(id));
    const opened = await openSqliteStore({ file: place.file, codec });
    const damaged = { reason: "STORE_DAMAGED", place: { deploymentId: id } };

    await expect(opened.readDeployment(deploymentId(id))).rejects.toMatchObject(damaged);
    await expect(append(opened, id, newEvents(1))).rejects.toMatchObject(damaged);

    await opened.probe();
    await opened.close();
  }
});

function writeDamaged(bytes: Buffer): void {
  for (const end of ["", "-wal", "-shm"]) rmSync(`${place.file}${end}`, { force: true });
  writeFileSync(place.file, bytes);
  writeFileSync(`${place.file}-marker`, marker);
}

/** The store's file with the last character of an id another one, wherever an index holds it. */
function flippedInIndexes(id: string): Buffer {
  const bytes = Buffer.from(original);
  for (let at = bytes.indexOf(id); at >= 0; at = bytes.indexOf(id, at + 1)) {
    const isOfIndex = bytes.readUInt8(at - (at % pageBytes)) === 10;
    const last = at + id.length - 1;
    if (isOfIndex) bytes.writeUInt8(bytes.readUInt8(last) ^ 1, last);
  }
  return bytes;
}

/** Whole numbers below a bound, the same for the same seed. */
function seededRandom(from: number): (below: number) => number {
  let state = from >>> 0;
  // mulberry32
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
