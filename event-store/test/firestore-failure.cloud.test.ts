import { openTcpProxy, type TcpProxy } from "@activity-events/testing/tcp-proxy";
import { until } from "@activity-events/testing/until";
import { Firestore } from "@google-cloud/firestore";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { append, codec, deploymentId, newEvent, newEvents, readSequences, sequencesTo } from "../contract/builders.ts";
import { openFirestoreStore } from "../src/firestore/store.ts";
import type { EventStore } from "../src/index.ts";
import { firestorePlace } from "./firestore-place.ts";

const emulator = process.env.FIRESTORE_EMULATOR_HOST ?? "";
let proxy: TcpProxy;
let place: ReturnType<typeof firestorePlace>;
/** Goes through the proxy. */
let store: EventStore;
/** Goes straight. */
let other: EventStore;

beforeEach(async () => {
  place = firestorePlace((settings) => openFirestoreStore({ ...settings, codec }));
  proxy = await openTcpProxy(emulator);
  process.env.FIRESTORE_EMULATOR_HOST = proxy.address;
  store = await place.open();
  process.env.FIRESTORE_EMULATOR_HOST = emulator;
  other = await place.open();
});
afterEach(async () => {
  proxy.restore();
  await Promise.all([store.close(), other.close()]);
  await proxy.close();
});

const within = (timeMs: number) => ({ deadlineMs: Date.now() + timeMs });

test("recognises its own commit whose answer was lost, and calls it no duplicate", async () => {
  await append(store, "d", [newEvent({ id: "before" })]);

  proxy.loseAnswers();
  const appending = append(store, "d", [newEvent({ id: "lost-1" }), newEvent({ id: "lost-2" })]);
  await until(() => proxy.lostBytes > 0, "an answer is lost");
  expect(await waitForSequence(other, 3)).toEqual([1, 2, 3]);
  proxy.restore();

  const appended = await appending;
  expect(appended).toMatchObject([
    { duplicate: false, event: { eventId: "lost-1", sequence: 2 } },
    { duplicate: false, event: { eventId: "lost-2", sequence: 3 } },
  ]);
  expect(await readSequences(other, "d")).toEqual([1, 2, 3]);
});

test("answers while Firestore is cut off, stores what it acknowledges, and goes on afterwards", async () => {
  await append(store, "d", newEvents(1));
  const events = newEvents(5, { message: "through the cut" });
  const request = { deploymentId: deploymentId("d"), events, expected: { kind: "any" }, receiveTimeUs: 1 } as const;

  proxy.cutOff();
  await expect(store.append(request, within(1_000))).rejects.toMatchObject({
    reason: expect.stringMatching(/DEADLINE_PASSED|STORE_UNAVAILABLE/),
  });
  await expect(store.readDeployment(deploymentId("d"))).rejects.toMatchObject({ reason: "STORE_UNAVAILABLE" });
  proxy.restore();

  const appended = await append(store, "d", events);
  expect(appended.map(({ event }) => event.sequence)).toEqual([2, 3, 4, 5, 6]);
  expect(await readSequences(store, "d")).toEqual(sequencesTo(6));
});

test("stores 100 concurrent appends of one deployment through two instances in at most 20 commits", async () => {
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) => append(index % 2 === 0 ? store : other, "d", newEvents(1))),
  );

  const sequences = answers.flat().map(({ event }) => event.sequence);
  expect(sequences.sort((a, b) => a - b)).toEqual(sequencesTo(100));
  const firestore = new Firestore(place.settings);
  const { docs } = await firestore.collection("deployments").doc("d").collection("events").get();
  expect(new Set(docs.map((snapshot) => snapshot.get("commit_id"))).size).toBeLessThanOrEqual(20);
  await firestore.terminate();
});

test("tells a listener of what another instance stores", async () => {
  const told: number[] = [];
  const listener = store.listen(deploymentId("d"), ({ events }) =>
    told.push(...events.map(({ sequence }) => sequence)),
  );
  await listener.ready;

  await Promise.all([append(other, "d", newEvents(3)), append(store, "d", newEvents(2))]);

  await until(() => told.length >= 5, "all events are told");
  expect(told).toEqual(sequencesTo(5));
  listener.close();
});

test("refuses alone what Firestore refuses as invalid, and stores its neighbours", async () => {
  // Firestore takes no string of more than 1,500 bytes for an indexed field and no document above 1 MiB.
  const invalid = newEvent({ id: "invalid", content: new Uint8Array(1_200_000) });

  const answers = await Promise.allSettled([
    append(store, "d", newEvents(1)),
    append(store, "d", [invalid]),
    append(store, "d", newEvents(1)),
  ]);

  expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(answers[1]).toMatchObject({ reason: { reason: "STORE_REFUSED" } });
  expect(await readSequences(store, "d")).toEqual([1, 2]);
});

async function waitForSequence(reader: EventStore, last: number): Promise<number[]> {
  for (;;) {
    const sequences = await readSequences(reader, "d");
    if (sequences.at(-1) === last) return sequences;
  }
}
