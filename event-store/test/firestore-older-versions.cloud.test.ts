import { Firestore } from "@google-cloud/firestore";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { append, codec, deploymentId, eventId, newEvent, newEvents, readEvents } from "../contract/builders.ts";
import { commitmentOf, type HistoryHash, noSalt, withCommitment } from "../src/domain/history-hash.ts";
import { openFirestoreStore } from "../src/firestore/store.ts";
import { type EventStore, limits, type Outcome } from "../src/index.ts";
import { at, type OlderHead, writeOlderEvent, writeOlderHead } from "./firestore-older-version.ts";
import { firestorePlace } from "./firestore-place.ts";

const d = deploymentId("d");
let place: ReturnType<typeof firestorePlace>;
let store: EventStore;
let older: Firestore;
beforeEach(async () => {
  place = firestorePlace((settings) => openFirestoreStore({ ...settings, codec }));
  store = await place.open();
  older = new Firestore(place.settings);
});
afterEach(async () => {
  await Promise.all([store.close(), older.terminate()]);
});

/** Has the older version append events up to a sequence. */
async function appendOlder(from: number, to: number, head: Partial<OlderHead> = {}): Promise<void> {
  for (let sequence = from; sequence <= to; sequence += 1) await writeOlderEvent(older, "d", sequence);
  await writeOlderHead(older, "d", { state: "queued", ...head, head_sequence: to });
}

/** The history hash of what is stored from a sequence on. */
async function hashFrom(first: number): Promise<HistoryHash | undefined> {
  const { events } = await readEvents(store, "d", { cursor: first - 1 });
  return events.reduce<HistoryHash | undefined>((history, { eventId, sequence, receiveTimeUs, ...event }) => {
    const commitment = commitmentOf({ eventId, ...event, ...codec.readStamp(event.stamp) });
    return withCommitment(history, { deploymentId: d, sequence, receiveTimeUs }, commitment);
  }, undefined);
}

describe("a deployment of an older version", () => {
  test("is read: its head without what that did not know, its events without a salt", async () => {
    await appendOlder(1, 3, { state: "running", start_time: at(2) });

    const head = await store.readDeployment(d);
    const { events } = await readEvents(store, "d");
    const event = await store.readEvent(d, eventId("older-2"));

    expect(head).toMatchObject({
      headSequence: 3,
      state: "running",
      startTimeUs: 2_000_000,
      environment: "production",
    });
    expect(head).toMatchObject({ actor: "", commit: "", url: "", failureTimeUs: undefined, historyHash: undefined });
    expect(events).toMatchObject([1, 2, 3].map((sequence) => ({ sequence, salt: noSalt })));
    expect(event).toEqual(events[1]);
  });

  test("has a chain from the first event that this version appends, and the event's document its hash", async () => {
    await appendOlder(1, 3);

    await append(store, "d", [newEvent({ id: "new" })]);
    await append(store, "d", newEvents(1));

    const history = (await store.readDeployment(d))?.historyHash;
    expect(history).toMatchObject({ from: 4, sequence: 5 });
    expect(history).toEqual(await hashFrom(4));
    const documents = older.collection("deployments").doc("d").collection("events");
    expect((await documents.doc("new").get()).get("history_hash")).toHaveLength(32);
    expect((await documents.doc("older-3").get()).get("history_hash")).toBeUndefined();
  });

  test("answers the same event again as a duplicate", async () => {
    await appendOlder(1, 3);

    const appended = await append(store, "d", [newEvent({ id: "older-3", message: "number 3" })]);

    expect(appended).toMatchObject([{ duplicate: true, event: { sequence: 3, salt: noSalt } }]);
    expect(await store.readDeployment(d)).toMatchObject({ headSequence: 3, historyHash: undefined });
  });

  test.each<[string, Omit<OlderHead, "head_sequence">, Outcome]>([
    ["nothing is known of", { state: "unspecified" }, "unspecified"],
    ["is queued", { state: "queued" }, "unspecified"],
    [
      "is queued after it finished",
      { state: "queued", outcome: "success", start_time: at(1), finish_time: at(2) },
      "unspecified",
    ],
    ["runs", { state: "running", start_time: at(1) }, "unspecified"],
    ["finished", { state: "finished", outcome: "error", start_time: at(1), finish_time: at(2) }, "error"],
    ["finished without a start", { state: "finished", outcome: "success", finish_time: at(2) }, "success"],
    [
      "finished before its start",
      { state: "finished", outcome: "failure", start_time: at(3), finish_time: at(2) },
      "failure",
    ],
    ["was rolled back", { state: "rolled_back" }, "failure"],
    [
      "was rolled back when finished",
      { state: "rolled_back", outcome: "failure", start_time: at(1), finish_time: at(2) },
      "failure",
    ],
    ["was rolled back after success", { state: "rolled_back", outcome: "success", finish_time: at(2) }, "failure"],
  ])("that %s keeps its state when its times are rebuilt, and what belongs to it", async (_, older, outcome) => {
    await appendOlder(1, 3, older);
    const before = await store.readDeployment(d);

    await append(store, "d", [newEvent({ type: "approval.given" })]);

    const after = await store.readDeployment(d);
    expect(after).toMatchObject({ headSequence: 4, foldedSequence: 4, state: before?.state, outcome });
    expect(after?.startTimeUs).toBe(before?.startTimeUs);

    await append(store, "d", [newEvent({ type: "deployment.progress" })]);
    const isBeforeStart = older.state === "unspecified" || older.state === "queued";
    expect((await store.readDeployment(d))?.state).toBe(isBeforeStart ? "running" : older.state);
  });
});

describe("an instance of an older version that writes between", () => {
  test.each([
    ["one event", 1],
    ["more events than are read at once", limits.historyChunkEvents + 1],
  ])("%s, has them in the chain with the next append", async (_, count) => {
    await append(store, "d", [newEvent({ type: "deployment.queued" }), newEvent()]);

    await appendOlder(3, 2 + count);
    expect((await store.readDeployment(d))?.historyHash).toMatchObject({ from: 1, sequence: 2 });
    await append(store, "d", newEvents(1));

    const history = (await store.readDeployment(d))?.historyHash;
    expect(history).toMatchObject({ from: 1, sequence: count + 3 });
    expect(history).toEqual(await hashFrom(1));
  });

  test("has its state go on, from what it shows: the times kept before are of an earlier moment", async () => {
    await append(store, "d", [newEvent({ type: "deployment.finished", outcome: "failure" })]);
    expect(await store.readDeployment(d)).toMatchObject({ state: "finished", foldedSequence: 1 });

    await appendOlder(2, 2, { state: "running", start_time: at(2) });
    const other = await place.open();
    await append(other, "d", newEvents(1));
    await other.close();

    expect(await store.readDeployment(d)).toMatchObject({
      state: "running",
      outcome: "unspecified",
      startTimeUs: 2_000_000,
      finishTimeUs: undefined,
      foldedSequence: 3,
    });
  });

  test("and lost one: the append that would go on top of the gap is refused", async () => {
    await append(store, "d", newEvents(1));
    await appendOlder(2, 3);
    await older.collection("deployments").doc("d").collection("events").doc("older-2").delete();

    await expect(append(store, "d", newEvents(1))).rejects.toMatchObject({
      reason: "STORE_DAMAGED",
      place: { deploymentId: "d", sequence: 2 },
    });
  });
});
