import { type DocumentData, Firestore } from "@google-cloud/firestore";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { append, codec, deploymentId, encode, eventId, newEvent, newEvents, readEvents } from "../contract/builders.ts";
import { fingerprint } from "../src/firestore/fingerprint.ts";
import { openFirestoreStore } from "../src/firestore/store.ts";
import { type EventStore, limits } from "../src/index.ts";
import { firestorePlace } from "./firestore-place.ts";

let place: ReturnType<typeof firestorePlace>;
let store: EventStore;
let console: Firestore;
let nowMs = 0;
beforeEach(async () => {
  place = firestorePlace((settings) => openFirestoreStore({ ...settings, codec, clock: () => nowMs }));
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
    ["other content than was stored", { content: encode({ message: "edited" }) }],
    ["a salt of too few bytes", { salt: Buffer.alloc(15) }],
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
    const content = Buffer.from([0xff]);
    await eventA().update({ content, fingerprint: fingerprint(content) });

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

describe("damage", () => {
  const edited = { content: encode({ message: "edited" }) };
  const atFirst = { ...damaged, place: { deploymentId: "d", sequence: 1 } };

  test.each([
    ["reads the event", () => store.readEvent(deploymentId("d"), eventId("a"))],
    ["lists events from the first", () => readEvents(store, "d")],
    ["lists events from the last", () => readEvents(store, "d", { order: "descending", cursor: 2 })],
    ["appends the event again", () => append(store, "d", [newEvent({ id: "a" })])],
  ])("stops appends to its deployment, and to no other, once somebody has met it who %s", async (_, meet) => {
    await eventA().update(edited);
    expect(await append(store, "d", newEvents(1))).toMatchObject([{ event: { sequence: 4 } }]);

    await expect(meet()).rejects.toMatchObject(atFirst);

    await expect(append(store, "d", newEvents(1))).rejects.toMatchObject(atFirst);
    expect(await append(store, "e", newEvents(1))).toMatchObject([{ event: { sequence: 2 } }]);
    expect(await store.readDeployment(deploymentId("d"))).toMatchObject({ headSequence: 4 });
  });

  test.each([
    ["ascending", undefined],
    ["ascending", 1],
    ["descending", undefined],
  ] as const)("that is a lost event stops appends once a page passes over it, %s from %s", async (order, cursor) => {
    const events = head().collection("events");
    const { docs } = await events.where("sequence", "==", 2).get();
    await docs[0]?.ref.delete();

    await readEvents(store, "d", { order, cursor });

    const atSecond = { ...damaged, place: { deploymentId: "d", sequence: 2 } };
    await expect(append(store, "d", newEvents(1))).rejects.toMatchObject(atSecond);
    nowMs += limits.damageTimeMs;
    await expect(append(store, "d", newEvents(1))).rejects.toMatchObject(atSecond);
  });

  test.each([
    ["mended", (whole: DocumentData) => eventA().set(whole)],
    [
      "put back",
      async (whole: DocumentData) => {
        await eventA().delete();
        nowMs += limits.damageTimeMs;
        await expect(append(store, "d", newEvents(1))).rejects.toMatchObject(atFirst);
        await eventA().create(whole);
      },
    ],
  ])("lets appends go on, without a restart, some time after it was %s", async (_, mend) => {
    const whole = (await eventA().get()).data() ?? {};
    await eventA().update(edited);
    await expect(readEvents(store, "d")).rejects.toMatchObject(atFirst);

    nowMs += limits.damageTimeMs;
    await expect(append(store, "d", newEvents(1))).rejects.toMatchObject(atFirst);
    await mend(whole);
    await expect(append(store, "d", newEvents(1))).rejects.toMatchObject(atFirst);
    nowMs += limits.damageTimeMs;

    expect(await append(store, "d", newEvents(1))).toMatchObject([{ event: { sequence: 4 } }]);
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

describe("a head that is older than its events", () => {
  const aboveHead = { ...damaged, place: { deploymentId: "d", sequence: 4 } };

  async function putBackHead(): Promise<void> {
    const before = (await head().get()).data() ?? {};
    await append(store, "d", newEvents(2));
    await head().set(before);
  }

  test("is damage for who has read the events, and stops appends until it counts them", async () => {
    await putBackHead();
    const other = await place.open();
    const newest = { head_sequence: 5 };

    expect(await readEvents(other, "d")).toMatchObject({ looked: 5, more: false });
    await expect(other.readDeployment(deploymentId("d"))).rejects.toMatchObject(aboveHead);
    await expect(append(other, "d", newEvents(1))).rejects.toMatchObject(aboveHead);
    nowMs += limits.damageTimeMs;
    await expect(append(other, "d", newEvents(1))).rejects.toMatchObject(aboveHead);
    await head().update(newest);

    expect(await other.readDeployment(deploymentId("d"))).toMatchObject({ headSequence: 5 });
    expect(await append(other, "e", newEvents(1))).toMatchObject([{ event: { sequence: 2 } }]);
    await other.close();
  });

  test("is none any more once the events above it were taken away", async () => {
    await putBackHead();
    await readEvents(store, "d");
    await expect(store.readDeployment(deploymentId("d"))).rejects.toMatchObject(aboveHead);

    const { docs } = await head().collection("events").where("sequence", ">", 3).get();
    await Promise.all(docs.map(({ ref }) => ref.delete()));

    expect(await readEvents(store, "d")).toMatchObject({ looked: 3 });
    expect(await store.readDeployment(deploymentId("d"))).toMatchObject({ headSequence: 3 });
  });
});
