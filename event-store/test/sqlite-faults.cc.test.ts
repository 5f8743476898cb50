import { join } from "node:path";
import { removeTemporaryFolders, temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { append, deploymentId, newEvents } from "../contract/builders.ts";
import { seedOf } from "../contract/histories.ts";
import { commitmentOf, type HistoryHash, withCommitment } from "../src/domain/history-hash.ts";
import { everyEvent } from "../src/index.ts";
import { bundleStore } from "./fault-injector/bundle-store.ts";
import { imageAfter } from "./fault-injector/disk-image.ts";
import type { FaultKind, FileRole } from "./fault-injector/fault-order.ts";
import { FaultyDisk, readImage } from "./fault-injector/faulty-disk.ts";
import { type FilledStore, fillStore } from "./fault-injector/filled-store.ts";
import type { Ending, PlayedHistory } from "./fault-injector/history.ts";
import { HistoryPlayer } from "./fault-injector/history-player.ts";
import { ignoresChecksums, rewritesHistory } from "./fault-injector/planted-faults.ts";
import { StoreProcess } from "./fault-injector/remote-store.ts";

/** Histories of each row below; each takes a third of a second on two cores that are free. */
const historiesEach = Number(process.env.HISTORIES ?? 1);

let seed: number;
let folder: string;
let disk: FaultyDisk;
let filled: FilledStore;
let player: HistoryPlayer;
beforeAll(async () => {
  seed = seedOf(process.env);
  folder = temporaryFolder().path;
  disk = new FaultyDisk();
  filled = await fillStore(join(folder, "filled"));
  player = new HistoryPlayer({ disk, filled, script: await bundleStore(join(folder, "bundle")) });
});
afterAll(async () => {
  await player?.end();
  disk?.remove();
  removeTemporaryFolders();
});

/** Plays so many histories with this fault, the first with the seed that was printed. */
async function play(
  fault: FaultKind,
  role: FileRole,
  {
    endings = ["close", "kill"],
    histories = historiesEach,
    settles = true,
  }: { endings?: readonly Ending[]; histories?: number; settles?: boolean } = {},
): Promise<readonly PlayedHistory[]> {
  const played: PlayedHistory[] = [];
  for (let index = 0; index < histories; index += 1) {
    played.push(await player.play({ seed: seed + index, fault, role, endings, settles }));
  }
  const [struck, told] = [played.filter((each) => each.struck > 0), played.filter((each) => each.told.length > 0)];
  process.stdout.write(
    `${fault} of ${role}: struck in ${struck.length} of ${histories} histories, told in ${told.length}\n`,
  );
  return played;
}

/** The histories in which the store did what it must not, and may not under this fault either. */
function wrong(played: readonly PlayedHistory[], allowed: ReadonlySet<string> = new Set()): readonly PlayedHistory[] {
  return played.filter(({ faults }) => faults.some(({ kind }) => !allowed.has(kind)));
}

describe("the injector", () => {
  test("records each change, so that the files can be made again from what it recorded", async () => {
    const place = join(disk.root, "recorded");
    const child = new StoreProcess(await bundleStore(join(folder, "recorded")), disk.environment);
    disk.beginRecord();

    const store = await child.open(join(place, "events.db"));
    for (let times = 0; times < 20; times += 1) await append(store, "d", newEvents(10));
    const open = [imageAfter(new Map(), disk.changes()), readImage(place)];
    await store.close();
    const closed = [imageAfter(new Map(), disk.changes()), readImage(place)];
    await child.kill();

    expect(open[0]?.get("events.db-wal")?.length).toBeGreaterThan(100_000);
    expect(open[0]).toEqual(open[1]);
    expect(closed[0]).toEqual(closed[1]);
  });
});

describe("a disk that does what it should", () => {
  test("loses nothing acknowledged with its power, and the store starts and tells of no damage", async () => {
    const played = await play("none", "database", {
      endings: ["power loss", "power loss", "kill", "close"],
      histories: 6 * historiesEach,
    });

    expect(played.filter(({ told, faults }) => told.length + faults.length > 0)).toEqual([]);
  });
});

// A power loss in so short a moment is seldom drawn.
test("a clean stop makes durable that the log is gone, and then says that it is closed", async () => {
  const place = join(disk.root, "closed");
  const child = new StoreProcess(await bundleStore(join(folder, "closed")), disk.environment);
  disk.beginRecord();
  const store = await child.open(join(place, "events.db"));
  await append(store, "d", newEvents(10));

  await store.close();
  await child.kill();

  const changes = disk.changes();
  const gone = changes.findLastIndex((change) => change.kind === "unlinked" && change.name === "events.db-wal");
  const closed = changes.findLastIndex(
    (change) => change.kind === "written" && change.bytes.includes('"state":"closed"'),
  );
  expect(gone).toBeGreaterThan(0);
  expect(closed).toBeGreaterThan(gone);
  expect(changes.slice(gone, closed).map(({ kind }) => kind)).toContain("folder synced");
});

describe("a disk that fails for a while", () => {
  test.each<[FaultKind, FileRole]>([
    ["failed read", "database"],
    ["failed read", "log"],
    ["failed write", "database"],
    ["failed write", "log"],
    ["full disk", "database"],
    ["full disk", "log"],
    ["failed sync", "database"],
    ["failed sync", "log"],
  ])("with a %s of the %s costs nothing acknowledged, and leaves nothing to tell", async (fault, role) => {
    const played = await play(fault, role, { endings: ["close", "kill", "power loss"] });

    expect(played.filter(({ faults, toldLater }) => faults.length + toldLater.length > 0)).toEqual([]);
  });
});

describe("a disk that lies", () => {
  const mayHide = new Set(["hidden"]);
  const mayLose = new Set(["hidden", "lost", "repeated"]);

  // Rows have checksums, and pages of an index have none.
  test.each<[FaultKind, FileRole]>([
    ["flipped read", "database"],
    ["flipped read", "log"],
    ["flipped write", "database"],
    ["flipped write", "log"],
  ])("with a %s of the %s is noticed, or keeps an index from finding an event", async (fault, role) => {
    const played = await play(fault, role);

    expect(wrong(played, mayHide)).toEqual([]);
  });

  test.each<[FaultKind]>([
    ["flipped write"],
    ["torn write"],
    ["dropped write"],
    ["misplaced write"],
    ["swapped write"],
  ])("with a %s of the log is noticed at the start after a kill", async (fault) => {
    const played = await play(fault, "log", { endings: ["kill"] });

    expect(wrong(played, mayHide)).toEqual([]);
  });

  // Whole pages as they were before: each of their rows has its checksum.
  test.each<[FaultKind, FileRole]>([
    ["stale read", "database"],
    ["stale read", "log"],
    ["torn write", "database"],
    ["dropped write", "database"],
    ["misplaced write", "database"],
    ["swapped write", "database"],
    ["torn write", "log"],
    ["dropped write", "log"],
    ["misplaced write", "log"],
    ["swapped write", "log"],
  ])("with a %s of the %s loses events at most, which a check finds", async (fault, role) => {
    const played = await play(fault, role, { endings: ["close"] });

    expect(wrong(played, mayLose)).toEqual([]);
    // What was read wrong once is not in the files.
    const lasting = played.filter(({ faults }) => faults.length > 0 && fault !== "stale read");
    expect(lasting.filter(({ found }) => found.length === 0)).toEqual([]);
  });

  test("with a sync that does nothing loses, with its power, the last events at most", async () => {
    const played = await play("lying sync", "log", { endings: ["power loss"], settles: false });

    expect(wrong(played, mayLose)).toEqual([]);
  });
});

describe("a store that is planted", () => {
  /** Histories after which a planted fault must have been found. */
  const historiesMax = 60;

  test("and ignores its checksums is found by flipped bits", async () => {
    const script = await bundleStore(join(folder, "ignores-checksums"), ignoresChecksums);
    const planted = new HistoryPlayer({ disk, filled, script });

    expect(await isFound(planted, "flipped write")).toBe(true);
  });

  test("and edits an old event and its checksum is found by whoever kept a pair of sequence and hash", async () => {
    const script = await bundleStore(join(folder, "rewrites-history"), rewritesHistory);

    expect(await keptHashHolds(await bundleStore(join(folder, "whole")))).toBe(true);
    expect(await keptHashHolds(script)).toBe(false);
  });

  /** Keeps the hash of a deployment at one moment, and computes it again later from what the store gives back. */
  async function keptHashHolds(script: string): Promise<boolean> {
    const child = new StoreProcess(script);
    const store = await child.open(join(temporaryFolder().path, "events.db"));
    const id = deploymentId("d");
    await append(store, id, newEvents(3));
    const kept = (await store.readDeployment(id))?.historyHash;
    await append(store, id, newEvents(1));
    const request = { deploymentId: id, order: "ascending", cursor: undefined, filter: everyEvent } as const;
    const { events } = await store.readEvents({ ...request, eventsMax: 3, bytesMax: 1_000_000 });
    await store.close();
    await child.kill();
    let computed: HistoryHash | undefined;
    for (const event of events) {
      const commitment = commitmentOf({ ...event, sendTime: undefined, principal: "" });
      computed = withCommitment(computed, { ...event, deploymentId: id }, commitment);
    }
    expect(events).toHaveLength(3);
    return kept !== undefined && Buffer.compare(kept.hash, computed?.hash ?? Buffer.alloc(0)) === 0;
  }

  async function isFound(planted: HistoryPlayer, fault: FaultKind): Promise<boolean> {
    try {
      for (let index = 0; index < historiesMax; index += 1) {
        const plan = { seed: seed + index, fault, role: "database", endings: ["close"], settles: true } as const;
        const { faults } = await planted.play(plan);
        if (faults.some(({ kind }) => kind === "altered")) return true;
      }
      return false;
    } finally {
      await planted.end();
    }
  }
});
