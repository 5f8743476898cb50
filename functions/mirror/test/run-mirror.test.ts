import { StoreFaultError } from "@activity-events/event-store";
import { expect, test } from "@jest/globals";
import { runMirror } from "../src/run-mirror.ts";
import { deploymentId, sequences } from "./builders.ts";
import { eventsAt, openMemory, preceded } from "./open-memory.ts";

const d = deploymentId("d");
const texts = (count: number) => sequences(count).map(String);

test("publishes what is recorded after the position, advances, and logs one line", async () => {
  const memory = openMemory({ chunkMessagesMax: 3 });
  for (const _ of sequences(8)) memory.store.append(d);
  memory.pass(250);

  expect(await runMirror(d, memory)).toEqual({ kind: "complete" });

  expect(memory.mirrored()).toEqual(texts(8));
  expect(memory.store.positions.get(d)?.mirroredSequence).toBe(8);
  expect(memory.lines).toEqual([
    {
      severity: "INFO",
      time: expect.any(String),
      deployment: "d",
      from: 0,
      to: 8,
      published: 8,
      tombstones: 0,
      lag_ms: 250,
      duration_ms: 0,
      end: "complete",
      message: "mirror run",
    },
  ]);
});

test("reads no head while the pages are full, and nothing but the head after a short one", async () => {
  const memory = openMemory({ chunkMessagesMax: 4 });
  for (const _ of sequences(10)) memory.store.append(d);
  const reads: string[] = [];
  const store = {
    ...memory.store,
    readEvents: preceded(memory.store.readEvents, () => reads.push("events")),
    readHead: preceded(memory.store.readHead, () => reads.push("head")),
  };

  await runMirror(d, { ...memory, store });

  expect(memory.mirrored()).toEqual(texts(10));
  expect(reads).toEqual(["events", "events", "events", "head"]);
});

test("stops after its share of events and pokes for the next run", async () => {
  const memory = openMemory({ chunkMessagesMax: 4, runEventsMax: 6 });
  for (const _ of sequences(9)) memory.store.append(d);

  expect(await runMirror(d, memory)).toEqual({ kind: "poked_again" });
  expect(memory.mirrored()).toEqual(texts(6));
  expect(memory.poked()).toEqual(["d"]);
  expect(await runMirror(d, memory)).toEqual({ kind: "complete" });
  expect(memory.mirrored()).toEqual(texts(9));
});

test("stops after its share of time and pokes for the next run", async () => {
  const memory = openMemory({ chunkMessagesMax: 2, runTimeMs: 1_000 });
  for (const _ of sequences(9)) memory.store.append(d);
  const slow = { ...memory.topics, publish: preceded(memory.topics.publish, () => memory.pass(400)) };

  expect(await runMirror(d, { ...memory, publisher: slow })).toEqual({ kind: "poked_again" });

  expect(memory.mirrored()).toEqual(texts(6));
  expect(memory.poked()).toEqual(["d"]);
});

test("looks at the time after every request, so that a page of slow ones does not take longer", async () => {
  const memory = openMemory({ chunkBytesMax: 1, runTimeMs: 1_000 });
  for (const _ of sequences(9)) memory.store.append(d);
  const slow = { ...memory.topics, publish: preceded(memory.topics.publish, () => memory.pass(400)) };

  expect(await runMirror(d, { ...memory, publisher: slow })).toEqual({ kind: "poked_again" });

  expect(memory.mirrored()).toEqual(texts(3));
});

test("fails when its own further poke fails", async () => {
  const memory = openMemory({ runEventsMax: 2 });
  for (const _ of sequences(3)) memory.store.append(d);
  memory.topics.setDown("pokes", true);

  expect(await runMirror(d, memory)).toMatchObject({ kind: "failed", code: "POKE_FAILED" });
  expect(memory.lines).toMatchObject([{ severity: "ERROR", code: "POKE_FAILED", to: 2, published: 2 }]);
});

test("stops at the first error of a topic and advances nothing further", async () => {
  const memory = openMemory();
  memory.store.append(d);
  memory.topics.setDown("events", true);

  expect(await runMirror(d, memory)).toMatchObject({ kind: "failed", code: "PUBLISH_FAILED" });

  expect(memory.store.positions.get(d)).toBeUndefined();
  memory.topics.setDown("events", false);
  await runMirror(d, memory);
  expect(memory.mirrored()).toEqual(["1"]);
});

test("says of a failing store what is wrong, and of a defect that it is one", async () => {
  const memory = openMemory();
  const failing = (error: Error) => ({ ...memory.store, readPosition: () => Promise.reject(error) });

  const unavailable = new StoreFaultError("STORE_UNAVAILABLE", "Firestore did not answer");
  expect(await runMirror(d, { ...memory, store: failing(unavailable) })).toMatchObject({ code: "STORE_FAILED" });
  expect(await runMirror(d, { ...memory, store: failing(new TypeError("x")) })).toMatchObject({ code: "INTERNAL" });
  expect(memory.lines).toMatchObject(
    ["STORE_FAILED", "INTERNAL"].map((code) => ({ severity: "ERROR", code, published: 0, tombstones: 0 })),
  );
});

test("puts a tombstone in the place of the one message that is refused", async () => {
  const memory = openMemory();
  for (const _ of sequences(5)) memory.store.append(d);
  memory.topics.refuse(eventsAt(3));

  expect(await runMirror(d, memory)).toEqual({ kind: "complete" });

  expect(memory.mirrored()).toEqual(["1", "2", "!3", "4", "5"]);
  expect(memory.lines).toMatchObject([
    { severity: "ERROR", code: "EVENT_REFUSED", deployment: "d", sequence: 3, event: "event-3" },
    { published: 4, tombstones: 1 },
  ]);
});

test("goes on after messages that are refused here and there", async () => {
  const memory = openMemory();
  for (const _ of sequences(7)) memory.store.append(d);
  memory.topics.refuse(eventsAt(1, 3, 5, 7));

  expect(await runMirror(d, memory)).toEqual({ kind: "complete" });

  expect(memory.mirrored()).toEqual(["!1", "2", "!3", "4", "!5", "6", "!7"]);
});

test("stops with an alarm when messages are refused one after the other", async () => {
  const memory = openMemory();
  for (const _ of sequences(5)) memory.store.append(d);
  memory.topics.refuse(eventsAt(2, 3, 4));

  expect(await runMirror(d, memory)).toMatchObject({ kind: "failed", code: "TOPIC_REFUSES" });

  expect(memory.mirrored()).toEqual(["1", "!2"]);
  expect(memory.store.positions.get(d)?.mirroredSequence).toBe(2);
});

test("makes no tombstone while the topic refuses tombstones too", async () => {
  const memory = openMemory();
  for (const _ of sequences(5)) memory.store.append(d);
  memory.topics.refuse(() => true);

  expect(await runMirror(d, memory)).toMatchObject({ kind: "failed", code: "TOPIC_REFUSES" });

  expect(memory.mirrored()).toEqual([]);
  expect(memory.store.positions.get(d)).toBeUndefined();
  expect(memory.codes()).toEqual(["TOPIC_REFUSES"]);
});

test("puts tombstones in the place of documents that are missing or unreadable, wherever they stand", async () => {
  const memory = openMemory();
  for (const document of ["missing", "readable", "unreadable", "missing", "readable", "missing"] as const) {
    memory.store.append(d, document);
  }

  expect(await runMirror(d, memory)).toEqual({ kind: "complete" });

  expect(memory.mirrored()).toEqual(["!1", "2", "!3", "!4", "5", "!6"]);
  expect(memory.codes()).toEqual(["EVENT_MISSING", "EVENT_UNREADABLE", "EVENT_MISSING", "EVENT_MISSING"]);
});

test("goes on from where another run has moved the position, and lowers it never", async () => {
  const memory = openMemory({ chunkMessagesMax: 2 });
  for (const _ of sequences(6)) memory.store.append(d);
  let overtaken = false;
  const publish = preceded(memory.topics.publish, async () => {
    if (overtaken) return;
    overtaken = true;
    await runMirror(d, memory);
  });

  expect(await runMirror(d, { ...memory, publisher: { ...memory.topics, publish } })).toEqual({ kind: "complete" });

  expect(memory.mirrored()).toEqual([...texts(6), "1", "2"]);
  expect(memory.store.positions.get(d)?.mirroredSequence).toBe(6);
});

test("publishes nothing more of a page once another run has moved the position", async () => {
  // Each message is a request of its own, and all of them come from one page.
  const memory = openMemory({ chunkBytesMax: 1 });
  for (const _ of sequences(6)) memory.store.append(d);
  let published = 0;
  const publish = preceded(memory.topics.publish, async () => {
    published += 1;
    if (published === 2) await runMirror(d, memory);
  });

  expect(await runMirror(d, { ...memory, publisher: { ...memory.topics, publish } })).toEqual({ kind: "complete" });

  expect(memory.mirrored()).toEqual(["1", ...sequences(5, 2).map(String), "2"]);
  expect(memory.store.lowered).toEqual([]);
  expect(memory.lines.at(-1)).toMatchObject({ from: 0, to: 6, published: 2 });
});

test("tells the lag of the event that waited longest", async () => {
  const memory = openMemory();
  memory.store.append(d);
  memory.pass(250);
  memory.store.append(d);
  memory.pass(10);

  await runMirror(d, memory);

  expect(memory.lines).toMatchObject([{ published: 2, lag_ms: 260 }]);
});

test("counts tombstones for its share of events", async () => {
  const memory = openMemory({ runEventsMax: 2 });
  for (const document of ["missing", "unreadable", "readable"] as const) memory.store.append(d, document);

  expect(await runMirror(d, memory)).toEqual({ kind: "poked_again" });

  expect(memory.mirrored()).toEqual(["!1", "!2"]);
  expect(memory.poked()).toEqual(["d"]);
});

test("logs a position above the head, and a document above it behind a hole", async () => {
  const memory = openMemory();
  memory.store.append(d);
  await runMirror(d, memory);
  const position = await memory.store.readPosition(d);

  memory.store.positions.set(d, { ...position, mirroredSequence: 4 });
  expect(await runMirror(d, memory)).toEqual({ kind: "complete" });
  expect(memory.codes()).toEqual(["POSITION_ABOVE_HEAD"]);

  memory.store.positions.set(d, position);
  for (const document of ["missing", "readable"] as const) memory.store.append(d, document);
  const store = { ...memory.store, readHead: async () => ({ headSequence: 1, isPurged: false }) };
  expect(await runMirror(d, { ...memory, store })).toEqual({ kind: "complete" });
  expect(memory.codes()).toEqual(["POSITION_ABOVE_HEAD", "EVENT_ABOVE_HEAD"]);
});

test("warns of a poke for a deployment that nobody knows", async () => {
  const memory = openMemory();

  expect(await runMirror(deploymentId("nobody"), memory)).toEqual({ kind: "complete" });

  expect(memory.lines).toMatchObject([
    { severity: "WARNING", code: "DEPLOYMENT_UNKNOWN" },
    { from: 0, to: 0 },
  ]);
});

test("puts tombstones in the place of what a purge took before it was published, and logs no fault", async () => {
  const memory = openMemory();
  for (const _ of sequences(5)) memory.store.append(d);
  memory.store.purge(d, 3);

  expect(await runMirror(d, memory)).toEqual({ kind: "complete" });

  expect(memory.mirrored()).toEqual(["1", "2", "!3", "!4", "!5"]);
  expect(memory.reasons()).toEqual(["PURGED", "PURGED", "PURGED"]);
  expect(memory.codes()).toEqual([]);
});

test("takes for purged what a purge takes away after the run has read the head", async () => {
  const memory = openMemory({ chunkMessagesMax: 2 });
  for (const _ of sequences(3)) memory.store.append(d);
  let headReads = 0;
  const readHead: typeof memory.store.readHead = async (id) => {
    const head = await memory.store.readHead(id);
    headReads += 1;
    // The purge begins when the run has its head, and is done before the run asks for the events after it.
    if (headReads === 1) {
      for (const _ of sequences(4)) memory.store.append(d);
      const grown = await memory.store.readHead(id);
      memory.store.purge(d, 5);
      return { ...grown, isPurged: false };
    }
    return head;
  };

  expect(await runMirror(d, { ...memory, store: { ...memory.store, readHead } })).toEqual({ kind: "complete" });

  expect(memory.mirrored()).toEqual(["1", "2", "3", "4", "!5", "!6", "!7"]);
  expect(memory.codes()).toEqual([]);
});

test("counts no lag of what was imported", async () => {
  const memory = openMemory();
  memory.store.append(d);
  memory.pass(1_000);
  const readEvents: typeof memory.store.readEvents = async (request) =>
    (await memory.store.readEvents(request)).map((document) =>
      document.kind === "event" ? { ...document, imported: true } : document,
    );

  await runMirror(d, { ...memory, store: { ...memory.store, readEvents } });

  expect(memory.topics.accepted("events")[0]?.attributes.imported).toBe("true");
  expect(memory.lines[0]).toMatchObject({ published: 1 });
  expect(memory.lines[0]).not.toHaveProperty("lag_ms");
});
