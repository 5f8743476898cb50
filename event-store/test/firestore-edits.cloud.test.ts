import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { serialize } from "node:v8";
import { openTcpProxy } from "@activity-events/testing/tcp-proxy";
import { removeTemporaryFolders, temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { Firestore, Query, WriteBatch } from "@google-cloud/firestore";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
  append,
  codec,
  deploymentId,
  encode,
  eventId,
  newEvent,
  newEvents,
  readEvents,
  readSequences,
  sequencesTo,
} from "../contract/builders.ts";
import { openFirestoreStore } from "../src/firestore/store.ts";
import {
  type EventStore,
  type ImportEvents,
  limits,
  purgedType,
  type Redacted,
  redactedType,
  type StoredEvent,
} from "../src/index.ts";
import { openMemoryStore } from "../src/memory/store.ts";
import { withStoredEvents } from "../src/stored-history.ts";
import { writeOlderEvent, writeOlderHead } from "./firestore-older-version.ts";
import { firestorePlace } from "./firestore-place.ts";
import { diesAtWrite } from "./firestore-process.ts";

const emulator = process.env.FIRESTORE_EMULATOR_HOST ?? "";
const d = deploymentId("d");
const inTime = (timeMs = 30_000) => ({ deadlineMs: Date.now() + timeMs });
let place: ReturnType<typeof firestorePlace>;
let store: EventStore;
/** Another instance on the same database. */
let other: EventStore;
let firestore: Firestore;
beforeEach(async () => {
  place = firestorePlace((settings) => openFirestoreStore({ ...settings, codec }));
  [store, other] = await Promise.all([place.open(), place.open()]);
  firestore = new Firestore(place.settings);
});
afterEach(async () => {
  await Promise.all([store.close(), other.close(), firestore.terminate()]);
});

const leaked = () => newEvent({ id: "leak", message: "hunter2" });
const emptied = encode({ type: "deployment.progress" });
const left = {
  content: emptied,
  stamp: new Uint8Array(),
  facts: codec.factsOf({ content: emptied, stamp: new Uint8Array() }),
};

async function redact(through: EventStore, id = "leak", read?: StoredEvent, timeMs?: number): Promise<Redacted> {
  const asRead = read ?? (await through.readEvent(d, eventId(id), { hidden: true }));
  if (asRead === undefined) throw new Error(`there is no event ${id}`);
  const notice = newEvent({ type: redactedType, message: `of ${asRead.sequence}` });
  const facts = codec.factsOf(asRead);
  return through.redactEvent(
    { deploymentId: d, read: asRead, facts, left, notice, receiveTimeUs: 9_000_000 },
    inTime(timeMs),
  );
}

const beginPurge = (through: EventStore) =>
  through.beginPurge({ deploymentId: d, notice: newEvent({ type: purgedType }), receiveTimeUs: 9_000_000 }, inTime());

async function purge(through: EventStore): Promise<number> {
  await beginPurge(through);
  for (let events = 0; ; ) {
    const step = await through.purgeSome(d, inTime());
    events += step.events;
    if (!step.more) return events;
  }
}

const documentsOf = async () => (await firestore.collection("deployments").doc("d").collection("events").get()).docs;

/** Expects all events of the deployment, without a gap, to be those that its history hash proves. */
async function expectWhole(count: number): Promise<void> {
  const head = await store.readDeployment(d);
  const { events } = await readEvents(store, "d", { hidden: true, eventsMax: 2_000 });
  expect(events.map(({ sequence }) => sequence)).toEqual(sequencesTo(count));
  expect(head?.headSequence).toBe(count);
  expect(withStoredEvents(undefined, { deploymentId: d, events, codec, to: count })).toEqual(head?.historyHash);
}

/** Lets something happen before the first call of a method of the library. */
function beforeFirst<Name extends string>(
  prototype: { [name in Name]: (...given: never[]) => unknown },
  name: Name,
  happen: () => Promise<void>,
): () => void {
  const call = prototype[name];
  let isFirst = true;
  prototype[name] = async function (this: unknown, ...given: never[]) {
    if (isFirst) {
      isFirst = false;
      await happen();
    }
    return call.apply(this, given);
  };
  return () => {
    prototype[name] = call;
  };
}

describe("a process that dies", () => {
  const script = `
    import { newEvent, encode, deploymentId, eventId } from "../contract/builders.ts";
    const d = deploymentId("d");
    const inTime = { deadlineMs: Date.now() + 60_000 };
    const content = encode({ type: "deployment.progress" });
    const stamp = new Uint8Array();
    const read = await store.readEvent(d, eventId("leak"));
    const left = { content, stamp, facts: codec.factsOf({ content, stamp }) };
    const notice = newEvent({ id: "told", type: "activityevents.redacted" });
    await store.redactEvent({ deploymentId: d, read, facts: codec.factsOf(read), left, notice, receiveTimeUs: 9 }, inTime);
    await store.hideDeployment(d, true, inTime);
    await store.hideDeployment(d, false, inTime);
    await store.beginPurge({ deploymentId: d, notice: newEvent({ id: "purged" }), receiveTimeUs: 9 }, inTime);
    while ((await store.purgeSome(d, inTime)).more);
  `;

  test.each(["before", "after"] as const)(
    "%s any write of a redaction, a deletion or a purge leaves nothing half done, and another one finishes it",
    async (when) => {
      const met = { redacted: 0, purging: 0, purged: 0 };
      for (let write = 1; ; write += 1) {
        place = firestorePlace((settings) => openFirestoreStore({ ...settings, codec }));
        await Promise.all([store.close(), firestore.terminate()]);
        store = await place.open();
        firestore = new Firestore(place.settings);
        await append(store, "d", [newEvent(), leaked(), ...newEvents(limits.firestorePurgeStepEvents)]);

        const died = await diesAtWrite(place.settings, { write, when, script });

        const head = await store.readDeployment(d);
        const count = limits.firestorePurgeStepEvents + 2;
        const event = await store.readEvent(d, eventId("leak"), { hidden: true });
        if (head?.standing === "kept" || head?.standing === "deleted") {
          const isRedacted = event?.redaction !== undefined;
          await expectWhole(isRedacted ? count + 1 : count);
          expect((await store.readEvent(d, eventId("told"), { hidden: true })) !== undefined).toBe(isRedacted);
          met.redacted += isRedacted ? 1 : 0;
          if (!isRedacted) expect((await redact(store)).kind).toBe("redacted");
        } else {
          expect(head?.headSequence).toBe(count + 2);
          expect(event).toBeUndefined();
          if (head?.standing === "purging") met.purging += 1;
          else met.purged += 1;
        }
        await purge(store);
        expect(await store.readDeployment(d)).toMatchObject({ standing: "purged", headSequence: count + 2 });
        expect(await documentsOf()).toEqual([]);
        if (!died) break;
      }
      expect(Math.min(...Object.values(met))).toBeGreaterThan(0);
    },
    240_000,
  );

  test("in the middle of an import leaves its beginning, and the import again goes on", async () => {
    const whole = await exportOf(1_200);
    const file = join(temporaryFolder().path, "part");
    writeFileSync(file, serialize(whole));
    const importing = `
      import { readFileSync } from "node:fs";
      import { deserialize } from "node:v8";
      const part = deserialize(readFileSync(${JSON.stringify(file)}));
      await store.importEvents(part, { deadlineMs: Date.now() + 60_000 });`;

    expect(await diesAtWrite(place.settings, { write: 2, when: "after", script: importing })).toBe(true);
    await expectWhole(1_000);
    expect(await store.importEvents(whole, inTime())).toEqual({ kind: "imported", events: 200 });

    await expectWhole(1_200);
    removeTemporaryFolders();
  }, 60_000);
});

/** What a deployment of so many events, of another store, is exported as. */
async function exportOf(count: number, bytes = 0): Promise<ImportEvents> {
  const source = openMemoryStore({ codec });
  await append(source, "d", newEvents(count, { message: "x".repeat(bytes) }));
  const head = await source.readDeployment(d);
  const { events } = await readEvents(source, "d", { eventsMax: count, bytesMax: Number.MAX_SAFE_INTEGER });
  if (head === undefined) throw new Error("nothing was appended");
  return {
    head: { ...head, emptied: [] },
    events: events.map((stored) => ({ stored, facts: codec.factsOf(stored) })),
  };
}

describe("an instance with a cached head", () => {
  test("appends nothing to a deployment that another has deleted or purged", async () => {
    const known = newEvent({ id: "known" });
    await append(store, "d", [known]);
    await other.hideDeployment(d, true, inTime());

    await expect(append(store, "d", [newEvent()])).rejects.toMatchObject({ reason: "DEPLOYMENT_DELETED" });
    expect((await append(store, "d", [known]))[0]?.duplicate).toBe(true);
    await other.hideDeployment(d, false, inTime());
    expect((await append(store, "d", [newEvent()]))[0]?.event.sequence).toBe(2);
    await beginPurge(other);

    await expect(append(store, "d", [newEvent()])).rejects.toMatchObject({ reason: "DEPLOYMENT_PURGED" });
    await expect(append(store, "d", [known])).rejects.toMatchObject({ reason: "DEPLOYMENT_PURGED" });
    expect(await documentsOf()).toHaveLength(3);
  });

  test("goes on after a redaction by another, and knows the content by a key that it had not read", async () => {
    await append(store, "d", [leaked()]);
    await redact(store);
    await append(store, "d", [newEvent({ id: "second", message: "hunter3" })]);
    // A key that this instance has not seen.
    const source = openMemoryStore({ codec });
    await other.addRedactionKeys(await source.redactionKeys());
    const document = firestore.collection("keys").doc("redactions");
    const [foreign] = (await source.redactionKeys()).map(({ id }) => Buffer.from(id).toString("hex"));
    await document.update({ own: foreign });
    const third = await place.open();

    await redact(third, "second");
    expect((await append(store, "d", [newEvent()]))[0]?.event.sequence).toBe(5);

    const again = await append(store, "d", [leaked(), newEvent({ id: "second", message: "hunter3" })]);
    expect(again.map(({ duplicate }) => duplicate)).toEqual([true, true]);
    await expectWhole(5);
    await third.close();
  });

  test("takes what is left of a redacted event for other content", async () => {
    await append(store, "d", [leaked()]);
    await redact(store);

    const guess = append(store, "d", [newEvent({ id: "leak", content: emptied })]);

    await expect(guess).rejects.toMatchObject({ conflicts: [{ redacted: true, fields: [] }] });
  });
});

describe("two admins at the same time", () => {
  test("redact different events, each with its notice", async () => {
    await append(store, "d", [leaked(), newEvent({ id: "second" }), newEvent({ id: "third" })]);

    const all = await Promise.all([redact(store), redact(other, "second"), redact(other, "third")]);

    expect(all.map(({ kind }) => kind)).toEqual(["redacted", "redacted", "redacted"]);
    expect((await store.readDeployment(d))?.edits).toBe(3);
    await expectWhole(6);
    expect(await store.redactionKeys()).toHaveLength(1);
  });

  test("redact the same event: one has done it", async () => {
    await append(store, "d", [leaked()]);
    const read = await store.readEvent(d, eventId("leak"));

    const both = await Promise.all([redact(store, "leak", read), redact(other, "leak", read)]);

    expect(both.map(({ kind }) => kind).sort()).toEqual(["changed", "redacted"]);
    await expectWhole(2);
  });

  test("purge, delete and undelete: the purge is for ever, and begins once", async () => {
    await append(store, "d", newEvents(700));

    const [first, second] = await Promise.all([
      beginPurge(store),
      beginPurge(other),
      store.hideDeployment(d, true, inTime()),
      other.hideDeployment(d, false, inTime()),
    ]);
    expect([first?.headSequence, second?.headSequence]).toEqual([701, 701]);
    await Promise.all([purge(store), purge(other)]);

    expect(await store.readDeployment(d)).toMatchObject({ standing: "purged", headSequence: 701 });
    expect(await documentsOf()).toEqual([]);
    expect(await firestore.collection("deployments").doc("d").listCollections()).toEqual([]);
  });

  test("edit what two instances append to without a pause", async () => {
    await append(store, "d", [leaked()]);
    let stopped = false;
    let appended = 1;
    const appending = [store, other].map(async (one) => {
      while (!stopped) {
        const { length } = await append(one, "d", newEvents(2));
        appended += length;
      }
    });

    const redacted = await redact(other, "leak", undefined, 20_000);
    const deleted = await store.hideDeployment(d, true, inTime(20_000));
    stopped = true;
    const ended = await Promise.allSettled(appending);

    expect(redacted.kind).toBe("redacted");
    expect(deleted?.standing).toBe("deleted");
    for (const end of ended) {
      if (end.status === "rejected") expect(end.reason).toMatchObject({ reason: "DEPLOYMENT_DELETED" });
    }
    await expectWhole(appended + 1);
  });
});

describe("a lost answer", () => {
  test.each(["redaction", "purge"])("of a %s is recognised: it is done once, and its result told", async (edit) => {
    const proxy = await openTcpProxy(emulator);
    process.env.FIRESTORE_EMULATOR_HOST = proxy.address;
    const through = await place.open();
    process.env.FIRESTORE_EMULATOR_HOST = emulator;
    await append(through, "d", [leaked()]);
    await through.redactionKeys();
    const read = await through.readEvent(d, eventId("leak"));
    // The reads of the attempt are answered, and its commit is not.
    const undo = beforeFirst(WriteBatch.prototype, "commit", async () => proxy.loseAnswers());

    const editing = edit === "redaction" ? redact(through, "leak", read) : beginPurge(through);
    await until(async () => (await documentsOf()).length === 2, "the commit is stored");
    await until(() => proxy.lostBytes > 0, "its answer is lost");
    proxy.restore();
    const result = await editing;
    undo();

    if (edit === "redaction") {
      expect(result).toMatchObject({ kind: "redacted", event: { eventId: "leak" }, notice: { sequence: 2 } });
    } else expect(result).toMatchObject({ standing: "purging", headSequence: 2 });
    expect(await documentsOf()).toHaveLength(2);
    expect((await store.readDeployment(d))?.edits).toBe(1);
    await through.close();
    await proxy.close();
  });

  test("and a Firestore that is cut off end an edit at its deadline", async () => {
    const proxy = await openTcpProxy(emulator);
    process.env.FIRESTORE_EMULATOR_HOST = proxy.address;
    const through = await place.open();
    process.env.FIRESTORE_EMULATOR_HOST = emulator;
    await append(through, "d", newEvents(1));

    proxy.cutOff();
    const begunMs = Date.now();
    await expect(through.hideDeployment(d, true, inTime(1_000))).rejects.toMatchObject({
      reason: expect.stringMatching(/DEADLINE_PASSED|STORE_UNAVAILABLE/),
    });
    expect(Date.now() - begunMs).toBeLessThan(1_000 + 2 * limits.firestoreCallTimeMs);
    proxy.restore();

    expect(await through.hideDeployment(d, true, inTime())).toMatchObject({ standing: "deleted" });
    await through.close();
    await proxy.close();
  }, 30_000);
});

describe("a deployment of an older version", () => {
  beforeEach(async () => {
    for (const sequence of [1, 2, 3]) await writeOlderEvent(firestore, "d", sequence);
    await writeOlderHead(firestore, "d", { head_sequence: 3, state: "running" });
  });

  test("is kept, without edits, and can be deleted and undeleted", async () => {
    expect(await store.readDeployment(d)).toMatchObject({ standing: "kept", edits: 0 });

    await store.hideDeployment(d, true, inTime());
    expect(await other.readDeployment(d)).toMatchObject({ standing: "deleted", edits: 1, state: "running" });
    expect(await readSequences(other, "d")).toEqual([]);
    await store.hideDeployment(d, false, inTime());

    expect(await readSequences(other, "d")).toEqual([1, 2, 3]);
    expect((await append(other, "d", newEvents(1)))[0]?.event.sequence).toBe(4);
  });

  test("keeps its standing when an instance of an older version writes its head", async () => {
    await store.hideDeployment(d, true, inTime());
    await writeOlderEvent(firestore, "d", 4);
    await writeOlderHead(firestore, "d", { head_sequence: 4, state: "running" });

    expect(await store.readDeployment(d)).toMatchObject({ standing: "deleted", edits: 1, headSequence: 4 });
    await expect(append(store, "d", newEvents(1))).rejects.toMatchObject({ reason: "DEPLOYMENT_DELETED" });
  });

  test("has an event redacted that had no salt, and is purged", async () => {
    expect((await redact(store, "older-2")).kind).toBe("redacted");
    const [again] = await append(other, "d", [newEvent({ id: "older-2", message: "number 2" })]).catch(() => []);
    expect(await readSequences(other, "d")).toEqual([1, 2, 3, 4]);
    expect(await purge(other)).toBe(5);

    expect(again?.duplicate).toBe(true);
    expect(await store.readDeployment(d)).toMatchObject({ standing: "purged", headSequence: 5 });
  });
});

describe("a purge", () => {
  test("takes documents that nobody can read, too", async () => {
    await append(store, "d", newEvents(3));
    const documents = firestore.collection("deployments").doc("d").collection("events");
    await documents.doc("odd").create({ sequence: "none", content: 7 });

    await purge(store);

    expect(await documentsOf()).toEqual([]);
    expect(await store.readDeployment(d)).toMatchObject({ standing: "purged", service: "" });
  });

  test("that takes events away from a page that is being read empties it, and is no damage", async () => {
    await append(store, "d", newEvents(5));
    const second = (await documentsOf()).find((document) => document.get("sequence") === 2);
    // The head is read beside the events, before the purge begins; the events are read after it has begun.
    const undo = beforeFirst(Query.prototype, "get", async () => {
      await until(() => headIsRead, "the head is read");
      await beginPurge(other);
      await second?.ref.delete();
    });
    let headIsRead = false;
    setTimeout(() => (headIsRead = true), 500);

    expect(await readEvents(store, "d")).toMatchObject({ events: [], looked: 0, more: false });
    undo();
    await expect(append(store, "d", newEvents(1))).rejects.toMatchObject({ reason: "DEPLOYMENT_PURGED" });
  });

  test("of a deployment with known damage is done all the same, and appends meet it when they look again", async () => {
    let nowMs = 0;
    const clocked = openFirestoreStore({ ...place.settings, codec, clock: () => nowMs });
    await append(clocked, "d", newEvents(3));
    await (await documentsOf()).find((document) => document.get("sequence") === 2)?.ref.delete();
    await readEvents(clocked, "d");
    await expect(append(clocked, "d", newEvents(1))).rejects.toMatchObject({ reason: "STORE_DAMAGED" });

    expect(await purge(clocked)).toBe(3);

    nowMs += limits.damageTimeMs;
    await expect(append(clocked, "d", newEvents(1))).rejects.toMatchObject({ reason: "DEPLOYMENT_PURGED" });
    await clocked.close();
  });

  test("waits for what the mirror has not published: the events above its position", async () => {
    await append(store, "d", newEvents(5));
    expect(await store.unmirroredEvents(d)).toBe(5);
    await firestore.collection("mirrors").doc("d").set({ mirrored_sequence: 3 });

    expect(await store.unmirroredEvents(d)).toBe(2);
    await beginPurge(store);
    expect(await store.unmirroredEvents(d)).toBe(3);
    expect(await store.unmirroredEvents(deploymentId("unknown"))).toBe(0);
  });
});

test("a list of deployments skips deleted ones page by page, and comes to its end", async () => {
  for (let number = 0; number < 7; number += 1) {
    await append(store, `d-${number}`, newEvents(1), { receiveTimeUs: 1_000_000 * (number + 1) });
  }
  for (const number of [6, 5, 3, 0]) await store.hideDeployment(deploymentId(`d-${number}`), true, inTime());
  const filter = { environment: "", service: "", state: undefined };

  const pages: string[][] = [];
  let cursor: Awaited<ReturnType<EventStore["readDeployments"]>>["next"];
  do {
    const page = await store.readDeployments({ cursor, filter, deploymentsMax: 2 });
    pages.push(page.deployments.map((deployment) => deployment.deploymentId));
    cursor = page.next;
  } while (cursor !== undefined);

  expect(pages).toEqual([[], ["d-4"], ["d-2", "d-1"], []]);
});

describe("an import", () => {
  test("of more than a commit takes is in several, each of which continues the deployment", async () => {
    const whole = await exportOf(100, 50_000);

    expect(await store.importEvents(whole, inTime())).toEqual({ kind: "imported", events: 100 });

    await expectWholeImport(100);
    const commits = new Set((await documentsOf()).map((document) => document.get("commit_id")));
    expect(commits.size).toBe(3);
  }, 60_000);

  test("into what another instance appends to meanwhile is foreign, or the append comes after", async () => {
    const whole = await exportOf(600);

    const [imported] = await Promise.all([store.importEvents(whole, inTime()), append(other, "d", newEvents(1))]);

    const events = (await documentsOf()).length;
    if (imported.kind === "imported") expect(events).toBe(601);
    else expect(events === 1 || events === 501).toBe(true);
    await expectWhole(events);
  });

  test("is marked in its documents, for the mirror", async () => {
    await store.importEvents(await exportOf(2), inTime());
    await append(store, "d", newEvents(1));

    const marks = (await documentsOf()).map((document) => [document.get("sequence"), document.get("imported")]);
    expect(marks.sort()).toEqual([
      [1, true],
      [2, true],
      [3, undefined],
    ]);
  });

  async function expectWholeImport(count: number): Promise<void> {
    expect(await readSequences(store, "d")).toEqual(sequencesTo(count));
    expect((await store.readDeployment(d))?.historyHash?.sequence).toBe(count);
  }
});
