import { Firestore } from "@google-cloud/firestore";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { append, codec, deploymentId, eventId, newEvent, newEvents, readEvents } from "../contract/builders.ts";
import { openFirestoreStore } from "../src/firestore/store.ts";
import type { EventStore } from "../src/index.ts";
import { firestorePlace } from "./firestore-place.ts";

let place: ReturnType<typeof firestorePlace>;
let store: EventStore;
let console: Firestore;
beforeEach(async () => {
  place = firestorePlace((settings) => openFirestoreStore({ ...settings, codec }));
  store = await place.open();
  console = new Firestore(place.settings);
  await append(store, "d", [newEvent({ id: "a", labels: { team: "x" } }), ...newEvents(2)]);
  await append(store, "e", newEvents(1));
});
afterEach(async () => {
  await Promise.all([store.close(), console.terminate()]);
});

const head = () => console.collection("deployments").doc("d");
const eventA = () => head().collection("events").doc("a");
const damaged = { reason: "STORE_DAMAGED" };
const ofD = { ...damaged, place: { deploymentId: "d" } };

describe("a document of an event", () => {
  test.each([
    ["labels that are no JSON", { labels: "{" }],
    ["labels that are no texts", { labels: '{"team":1}' }],
    ["no whole number as sequence", { sequence: 1.5 }],
    ["the sequence 0", { sequence: 0 }],
    ["a text as time", { receive_time: "yesterday" }],
    ["a text as content", { content: "content" }],
  ])("with %s is damage for whoever reads it or appends the event again, at once", async (_, fields) => {
    await eventA().update(fields);

    const again = append(store, "d", [newEvent({ id: "a" })]);

    await expect(again).rejects.toMatchObject(damaged);
    await expect(store.readEvent(deploymentId("d"), eventId("a"))).rejects.toMatchObject(damaged);
    if ("sequence" in fields) return;
    const atFirst = { ...damaged, place: { deploymentId: "d", sequence: 1 } };
    await expect(readEvents(store, "d")).rejects.toMatchObject(atFirst);
    const before = await readEvents(store, "d", { order: "descending" });
    expect(before).toMatchObject({ cursor: 2, looked: 2, more: true });
    await expect(readEvents(store, "d", { order: "descending", cursor: 2 })).rejects.toMatchObject(atFirst);
  });

  test("whose content cannot be compared refuses the call that sends the event again, and no neighbour", async () => {
    await eventA().update({ content: Buffer.from([0xff]), fingerprint: Buffer.from([0xff]) });

    const answers = await Promise.allSettled([
      append(store, "d", newEvents(1)),
      append(store, "d", [newEvent({ id: "a" })]),
      append(store, "d", newEvents(1)),
    ]);

    expect(answers).toMatchObject([
      { status: "fulfilled" },
      { status: "rejected", reason: { ...damaged, place: { deploymentId: "d", sequence: 1 } } },
      { status: "fulfilled" },
    ]);
  });
});

describe("the document of a head", () => {
  test.each([
    ["no whole number as head sequence", { head_sequence: 3.5 }],
    ["a state that there is not", { state: "lost" }],
    ["a number as service", { service: 7 }],
    ["a text as time", { create_time: "yesterday" }],
  ])("with %s is damage for whoever reads it or appends after it, at once", async (_, fields) => {
    const other = await place.open();
    await head().update(fields);

    await expect(append(other, "d", newEvents(1))).rejects.toMatchObject(ofD);
    await expect(other.readDeployment(deploymentId("d"))).rejects.toMatchObject(ofD);
    expect(await append(other, "e", newEvents(1))).toMatchObject([{ event: { sequence: 2 } }]);
    await other.close();
  });
});
