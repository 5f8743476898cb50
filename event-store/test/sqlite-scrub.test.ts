import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { append, codec, deploymentId, eventId, newEvent, newEvents, readEvents } from "../contract/builders.ts";
import type { DeploymentCursor, ScrubReport } from "../src/index.ts";
import { openForReads } from "../src/sqlite/files/open-file.ts";
import { ScrubWalk } from "../src/sqlite/scrub/scrub-walk.ts";
import { openSqliteStore } from "../src/sqlite/store.ts";
import { loseIndexEntry } from "./lose-index-entry.ts";
import { openScrubbed, scrubAtOnce } from "./scrubbed-copy.ts";
import { sqlitePlace } from "./sqlite-place.ts";

const number = "(SELECT number FROM deployments WHERE deployment_id = 'd')";
const filter = { environment: "", service: "", state: undefined };
const damaged = { reason: "STORE_DAMAGED" };

let place: Awaited<ReturnType<typeof sqlitePlace>>;
let opened: { close(): Promise<void> }[];
beforeEach(async () => {
  opened = [];
  place = await sqlitePlace((file) => openSqliteStore({ file, codec }));
  const store = await place.open();
  await append(store, "c", newEvents(3), { receiveTimeUs: 1_000 });
  await append(store, "d", [newEvent({ id: "a" })], { receiveTimeUs: 2_000 });
  await append(store, "d", newEvents(139), { receiveTimeUs: 2_000 });
  await append(store, "e", newEvents(3), { receiveTimeUs: 3_000 });
  await store.close();
});
afterEach(async () => {
  await Promise.all(opened.map((store) => store.close()));
  await place.remove();
});

function shell(sql: string): void {
  using database = new DatabaseSync(place.file);
  database.exec(sql);
}

/** Stores one more event of "d", and puts back its head of before. */
async function loseHeadOfLastEvent(): Promise<void> {
  shell("CREATE TABLE lost AS SELECT * FROM heads");
  const store = await place.open();
  await append(store, "d", newEvents(1));
  for (let round = 0; round < 3; round += 1) await append(store, "e", newEvents(400));
  await store.close();
  shell(`REPLACE INTO heads SELECT * FROM lost WHERE deployment = ${number}; DROP TABLE lost`);
}

async function scrubbed() {
  const { store, ...told } = await openScrubbed(place.file);
  opened.push(store);
  return { store, ...told };
}

describe("a store that has looked itself through", () => {
  test("tells that all is whole, and how much that is", async () => {
    const { findings, pass } = await scrubbed();

    expect(findings).toEqual([]);
    expect(pass).toMatchObject({ deployments: 3, events: 146, found: 0, fault: undefined });
  });

  test("stores no event again that the index of event ids has lost, and never says that there is none", async () => {
    loseIndexEntry(place.file, { table: "events", index: "sqlite_autoindex_events_1", row: "event_id = 'a'" });

    const { store, findings } = await scrubbed();

    const ofEvent = { ...damaged, place: { deploymentId: "d", sequence: 1 } };
    expect(findings).toMatchObject([ofEvent]);
    await expect(append(store, "d", [newEvent({ id: "a" })])).rejects.toMatchObject(ofEvent);
    await expect(append(store, "d", newEvents(1))).rejects.toMatchObject(ofEvent);
    const ofDeployment = { ...damaged, place: { deploymentId: "d" } };
    await expect(store.readEvent(deploymentId("d"), eventId("a"))).rejects.toMatchObject(ofDeployment);
    expect((await readEvents(store, "d")).events).toHaveLength(140);
    expect(await append(store, "e", newEvents(1))).toMatchObject([{ event: { sequence: 4 } }]);
    expect(await store.readEvent(deploymentId("e"), eventId("none"))).toBeUndefined();
  });

  test("finds nothing wrong where somebody has made the index anew, and what was hidden is there again", async () => {
    loseIndexEntry(place.file, { table: "events", index: "sqlite_autoindex_events_1", row: "event_id = 'a'" });
    shell("REINDEX");

    const { store, findings } = await scrubbed();

    expect(findings).toEqual([]);
    expect(await append(store, "d", [newEvent({ id: "a" })])).toMatchObject([{ duplicate: true }]);
  });

  test("tells of an event that was stored twice before", async () => {
    loseIndexEntry(place.file, { table: "events", index: "sqlite_autoindex_events_1", row: "event_id = 'a'" });
    const before = await place.open();
    expect(await append(before, "d", [newEvent({ id: "a" })])).toMatchObject([{ duplicate: false }]);
    await before.close();

    const { findings } = await scrubbed();

    expect(findings).toMatchObject([{ ...damaged, place: { deploymentId: "d", sequence: 1 } }]);
  });

  test("makes no second deployment of an id that the index has lost, and never says that there is none", async () => {
    const index = "sqlite_autoindex_deployments_1";
    loseIndexEntry(place.file, { table: "deployments", index, row: "deployment_id = 'd'" });

    const { store, findings } = await scrubbed();

    const ofDeployment = { ...damaged, place: { deploymentId: "d" } };
    expect(findings).toMatchObject([ofDeployment]);
    await expect(append(store, "d", newEvents(1))).rejects.toMatchObject(ofDeployment);
    await expect(store.readDeployment(deploymentId("d"))).rejects.toMatchObject(ofDeployment);
    await expect(readEvents(store, "d")).rejects.toMatchObject(ofDeployment);
    await expect(store.readEvent(deploymentId("d"), eventId("a"))).rejects.toMatchObject(ofDeployment);
    expect(await store.readDeployment(deploymentId("none"))).toBeUndefined();
  });

  test("parts the list of deployments where its index has lost one, and goes on behind it", async () => {
    const index = "deployments_newest_first";
    loseIndexEntry(place.file, { table: "deployments", index, row: "deployment_id = 'd'" });

    const { store, findings } = await scrubbed();
    const page = (cursor: DeploymentCursor | undefined) => store.readDeployments({ cursor, filter, deploymentsMax: 9 });

    const lost = { deploymentId: deploymentId("d"), createTimeUs: 2_000 };
    expect(findings).toMatchObject([{ ...damaged, place: lost }]);
    const first = await page(undefined);
    expect(first.deployments.map((head) => head.deploymentId)).toEqual(["e"]);
    await expect(page(first.next)).rejects.toMatchObject({ ...damaged, place: lost });
    const behind = await page(lost);
    expect(behind.deployments.map((head) => head.deploymentId)).toEqual(["c"]);
    expect(behind.next).toBeUndefined();
  });

  test("appends to no head that is older as a whole than its events", async () => {
    await loseHeadOfLastEvent();

    const { store, findings } = await scrubbed();

    const aboveHead = { ...damaged, place: { deploymentId: "d", sequence: 141 } };
    expect(findings).toMatchObject([aboveHead]);
    await expect(append(store, "d", newEvents(1))).rejects.toMatchObject(aboveHead);
  });

  test("tells of events whose sequences were given out again by an older head", async () => {
    await loseHeadOfLastEvent();
    const again = await place.open();
    expect(await append(again, "d", newEvents(1))).toMatchObject([{ event: { sequence: 141 } }]);
    await again.close();

    const { findings } = await scrubbed();

    const message = "1348 events stand in the order of arrival, and deployments have 1347";
    expect(findings).toMatchObject([{ ...damaged, message }]);
  });

  test.each([
    ["a row of an event", `DELETE FROM events WHERE deployment = ${number} AND sequence = 100`, 100],
    ["a run", `DELETE FROM runs WHERE deployment = ${number} AND first_sequence = 65`, 65],
  ])("tells that %s is gone, and of which event that is", async (_, sql, sequence) => {
    shell(sql);

    const { store, findings } = await scrubbed();

    expect(findings).toMatchObject([{ ...damaged, place: { deploymentId: "d", sequence } }]);
    await expect(append(store, "d", newEvents(1))).rejects.toMatchObject(damaged);
  });

  test.each([
    ["head and runs", "DELETE FROM deployments WHERE deployment_id = 'd'"],
    [
      "events alone",
      `DELETE FROM heads WHERE deployment = ${number}; DELETE FROM runs WHERE deployment = ${number};
       DELETE FROM deployments WHERE deployment_id = 'd'`,
    ],
  ])("tells by its number of a deployment that is gone and whose %s are there", async (_, sql) => {
    shell(sql);

    const { findings } = await scrubbed();

    expect(findings[0]).toMatchObject({ ...damaged, message: "deployment number 2 of the store is not there" });
  });

  test("blames no deployment for a damaged row to which no id leads", async () => {
    shell("UPDATE deployments SET actor = 'other' WHERE deployment_id = 'd'");
    const index = "sqlite_autoindex_deployments_1";
    loseIndexEntry(place.file, { table: "deployments", index, row: "deployment_id = 'd'" });

    const { findings } = await scrubbed();

    const message = "the row of deployment number 2 is not as it was stored";
    expect(findings).toEqual([{ reason: "STORE_DAMAGED", message, place: undefined }]);
  });

  test("tells of a damaged event of each deployment once, and counts all", async () => {
    shell("UPDATE events SET type = 'other'");

    const { findings, pass } = await scrubbed();

    expect(findings.map((finding) => finding.place)).toEqual(
      ["c", "d", "e"].map((id) => ({ deploymentId: id, sequence: 1 })),
    );
    expect(pass).toMatchObject({ found: 146 });
  });
});

test("a store finds damage that comes while it serves, and forgets what somebody has mended", async () => {
  const reports: ScrubReport[] = [];
  let onReport = () => {};
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await new Promise<void>((resolve) => (onReport = resolve));
  };
  const passes = () => reports.filter(({ kind }) => kind === "pass").length;
  const store = await openSqliteStore({
    ...{ file: place.file, codec, scrubPace: { ...scrubAtOnce, restMs: 20 } },
    onScrub: (report) => {
      reports.push(report);
      onReport();
    },
  });
  opened.push(store);
  await until(() => passes() > 0);
  expect(reports.some(({ kind }) => kind === "finding")).toBe(false);

  shell(`UPDATE events SET sequence = 1000 WHERE deployment = ${number} AND sequence = 100`);
  await until(() => reports.some(({ kind }) => kind === "finding"));
  await expect(store.readEvent(deploymentId("d"), eventId("none"))).rejects.toMatchObject(damaged);

  shell(`UPDATE events SET sequence = 100 WHERE deployment = ${number} AND sequence = 1000`);
  // The first that ends may have begun before.
  const ended = passes();
  await until(() => passes() > ended + 1);
  expect(await store.readEvent(deploymentId("d"), eventId("none"))).toBeUndefined();
});

test("a store looks again soon where damage has refused a read, and says that there is none once it is mended", async () => {
  loseIndexEntry(place.file, { table: "events", index: "sqlite_autoindex_events_1", row: "event_id = 'a'" });
  let passes = 0;
  let onPass = () => {};
  const store = await openSqliteStore({
    ...{ file: place.file, codec, scrubPace: { ...scrubAtOnce, againMs: 0 } },
    onScrub: ({ kind }) => {
      if (kind !== "pass") return;
      passes += 1;
      onPass();
    },
  });
  opened.push(store);
  const none = () => store.readEvent(deploymentId("d"), eventId("none"));
  while (passes === 0) await new Promise<void>((resolve) => (onPass = resolve));
  shell("REINDEX");

  await expect(none()).rejects.toMatchObject(damaged);
  while (passes === 1) await new Promise<void>((resolve) => (onPass = resolve));

  expect(await none()).toBeUndefined();
});

test("a store that is written while it looks itself through finds nothing wrong", async () => {
  const store = await place.open();
  using database = openForReads(place.file);
  const walk = new ScrubWalk();
  const findings: unknown[] = [];

  for (let step = 0; !walk.isOver; step += 1) {
    findings.push(...walk.step(database));
    if (step > 40) continue;
    for (const id of ["d", `new-${step}`]) await append(store, id, newEvents(40), { receiveTimeUs: 4_000 });
  }

  expect(findings).toEqual([]);
  expect(walk.seen.events).toBeGreaterThan(1_000);
});
