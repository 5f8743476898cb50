import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { append, codec, deploymentId, newEvent, newEvents, readEvents } from "../contract/builders.ts";
import { type ArrivalCursor, type EventStore, limits } from "../src/index.ts";
import { openSqliteStore } from "../src/sqlite/store.ts";
import { openScrubbed } from "./scrubbed-copy.ts";
import { sqlitePlace } from "./sqlite-place.ts";

const damaged = { reason: "STORE_DAMAGED" };
const ofD = "deployment = (SELECT number FROM deployments WHERE deployment_id = 'd')";

let place: Awaited<ReturnType<typeof sqlitePlace>>;
let opened: EventStore[];
beforeEach(async () => {
  opened = [];
  place = await sqlitePlace((file) => openSqliteStore({ file, codec }));
});
afterEach(async () => {
  await Promise.all(opened.map((store) => store.close()));
  await place.remove();
});

function shell(sql: string): void {
  using database = new DatabaseSync(place.file);
  database.exec(sql);
}

interface OlderHead {
  /** Events that the head of "d" counts. */
  readonly counted: number;
  /** Events of another deployment that come next. */
  readonly between: number;
  /** Further events of "d", which its head does not count. */
  readonly lost: number;
  /** Events of another deployment that come last. */
  readonly behind: number;
}

/** A store in which the head of "d" is as it was before its last events, as after a write that a disk dropped. */
async function storeWithOlderHead({ counted, between, lost, behind }: OlderHead): Promise<void> {
  const before = await place.open();
  await append(before, "d", newEvents(counted));
  await before.close();
  shell("CREATE TABLE lost AS SELECT * FROM heads");
  const store = await place.open();
  const appendOthers = async (events: number) => {
    for (let left = events; left > 0; left -= 400) await append(store, "e", newEvents(Math.min(left, 400)));
  };
  await appendOthers(between);
  await append(store, "d", newEvents(lost));
  await appendOthers(behind);
  await store.close();
  shell(`REPLACE INTO heads SELECT * FROM lost WHERE ${ofD}; DROP TABLE lost`);
}

const beyondTheNewest = limits.sqliteNewestEvents + 1;

describe("a head that is older than its events", () => {
  test.each([
    ["of which the next comes right behind", { counted: 10, between: 0, lost: 1 }],
    ["of which the next comes some events later", { counted: 10, between: 200, lost: 1 }],
    ["whose last run was just full", { counted: 64, between: 0, lost: 1 }],
    ["which have filled a run since", { counted: 10, between: 2_000, lost: 60 }],
    ["which have filled runs since, after one that was full", { counted: 64, between: 2_000, lost: 70 }],
  ])("%s, is damage for whoever reads it or comes to the end of its list", async (_, older) => {
    await storeWithOlderHead({ ...older, behind: beyondTheNewest });
    const store = await place.open();

    const aboveHead = { ...damaged, place: { deploymentId: "d", sequence: older.counted + 1 } };
    expect(await readEvents(store, "d")).toMatchObject({ looked: older.counted, more: true });
    await expect(readEvents(store, "d", { cursor: older.counted })).rejects.toMatchObject(aboveHead);
    await expect(readEvents(store, "d", { order: "descending" })).rejects.toMatchObject(aboveHead);
    await expect(store.readDeployment(deploymentId("d"))).rejects.toMatchObject(aboveHead);
    await expect(append(store, "d", newEvents(1))).rejects.toMatchObject(damaged);
    expect(await readEvents(store, "d", { cursor: older.counted + 1 })).toMatchObject({ events: [], more: false });
    expect(await readEvents(store, "d", { order: "descending", cursor: 3 })).toMatchObject({ looked: 2, more: false });
    expect(await append(store, "e", newEvents(1))).toMatchObject([{ duplicate: false }]);
  });

  test("whose next event is far behind is damage for them once the store has looked itself through", async () => {
    await storeWithOlderHead({ counted: 10, between: 300, lost: 50, behind: beyondTheNewest });
    const { store, findings } = await openScrubbed(place.file);
    opened.push(store);

    const aboveHead = { ...damaged, place: { deploymentId: "d", sequence: 11 } };
    expect(findings).toMatchObject([{ place: { deploymentId: "d" } }]);
    expect(await readEvents(store, "d")).toMatchObject({ looked: 10, more: true });
    await expect(readEvents(store, "d", { cursor: 10 })).rejects.toMatchObject(aboveHead);
    expect(await readEvents(store, "d", { cursor: 11 })).toMatchObject({ events: [], more: false });
    await expect(store.readDeployment(deploymentId("d"))).rejects.toMatchObject(aboveHead);
    const filter = { environment: "", service: "", state: undefined };
    const list = (cursor?: { createTimeUs: number; deploymentId: ReturnType<typeof deploymentId> }) =>
      store.readDeployments({ cursor, filter, deploymentsMax: 9 });
    const { deployments, next } = await list();
    expect(deployments.map((head) => head.deploymentId)).toEqual(["e"]);
    await expect(list(next)).rejects.toMatchObject({ ...damaged, place: { deploymentId: "d" } });
    expect(await append(store, "e", newEvents(1))).toMatchObject([{ duplicate: false }]);
  });

  test("is not blamed for an event of another deployment whose row a disk has altered", async () => {
    const before = await place.open();
    await append(before, "d", newEvents(10));
    await append(before, "e", newEvents(20));
    await before.close();
    shell(`UPDATE events SET ${ofD} WHERE number = 30`);
    const store = await place.open();

    expect(await store.readDeployment(deploymentId("d"))).toMatchObject({ headSequence: 10 });
    expect(await readEvents(store, "d")).toMatchObject({ looked: 10, more: false });
    expect(await append(store, "d", newEvents(1))).toMatchObject([{ event: { sequence: 11 } }]);
  });
});

test("a row of the newest events that a disk has altered stops no appends to the deployment that it names", async () => {
  const before = await place.open();
  await append(before, "d", newEvents(1));
  await append(before, "e", newEvents(20));
  await before.close();
  shell(`UPDATE events SET ${ofD} WHERE number = 15`);
  const store = await place.open();

  expect(await append(store, "d", newEvents(1))).toMatchObject([{ event: { sequence: 2 } }]);
});

describe("the list of all events", () => {
  async function listAll(store: EventStore): Promise<{ readonly listed: number; readonly end: unknown }> {
    let listed = 0;
    let cursor: ArrivalCursor | undefined;
    for (;;) {
      try {
        const { arrivals, next } = await store.readArrivals({ cursor, eventsMax: 50, bytesMax: 1_000_000 });
        listed += arrivals.length;
        cursor = next;
      } catch (end) {
        return { listed, end };
      }
      if (cursor === undefined) return { listed, end: undefined };
    }
  }

  beforeEach(async () => {
    const store = await place.open();
    for (let round = 0; round < 3; round += 1) {
      await append(store, "d", newEvents(60));
      await append(store, "e", newEvents(60));
    }
    await store.close();
  });

  test("ends with a fault, behind what there is, where rows in its middle are lost", async () => {
    shell("DELETE FROM events WHERE number BETWEEN 100 AND 120");
    const store = await place.open();

    const { listed, end } = await listAll(store);

    expect(listed).toBe(339);
    expect(end).toMatchObject({ ...damaged, message: expect.stringMatching(/^339 events .* deployments count 360$/) });
  });

  test("ends with a fault, behind what there is, where its last rows are lost while it is open", async () => {
    const store = await place.open();
    await append(store, "d", newEvents(1));
    shell("DELETE FROM events WHERE number > 300");

    const { listed, end } = await listAll(store);

    expect(listed).toBe(300);
    expect(end).toMatchObject({ ...damaged, message: expect.stringContaining("event 361 was acknowledged") });
  });

  test("ends without one where numbers were left out, and where events come while it is read", async () => {
    shell(`CREATE TRIGGER refuse BEFORE INSERT ON events WHEN new.event_id = 'refused'
      BEGIN SELECT RAISE(ABORT, 'not this one'); END`);
    const store = await place.open();
    // What precedes the refused one in its commit is stored anew, by other numbers.
    await Promise.allSettled([append(store, "d", newEvents(1)), append(store, "e", [newEvent({ id: "refused" })])]);
    expect(lastNumber()).toBeGreaterThan(361);
    const page = { eventsMax: 50, bytesMax: 1_000_000 };
    const first = await store.readArrivals({ cursor: undefined, ...page });
    await append(store, "f", newEvents(100));

    let listed = first.arrivals.length;
    for (let cursor = first.next; cursor !== undefined; ) {
      const { arrivals, next } = await store.readArrivals({ cursor, ...page });
      listed += arrivals.length;
      cursor = next;
    }

    expect(listed).toBe(361);
    expect(await listAll(store)).toEqual({ listed: 461, end: undefined });
  });
});

function lastNumber(): number {
  using database = new DatabaseSync(place.file, { readOnly: true });
  return Number(database.prepare("SELECT max(number) AS last FROM events").get()?.last);
}
