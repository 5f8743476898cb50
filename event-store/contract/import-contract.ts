import { expect, test } from "@jest/globals";
import {
  type Deployment,
  type EventStore,
  type ExportedHead,
  type ImportEvents,
  type Imported,
  purgedType,
  redactedType,
} from "../src/index.ts";
import { openMemoryStore } from "../src/memory/store.ts";
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
} from "./builders.ts";
import type { StoreUnderTest } from "./store-under-test.ts";

const inTime = () => ({ deadlineMs: Date.now() + 30_000 });
const started = {
  type: "deployment.started",
  service: "shop",
  environment: "prod",
  actor: "ann",
  principal: "user:ann",
};
const leaked = { id: "leak", message: "hunter2", sendTime: { seconds: 1_700_000_000, nanos: 7 } };

/** What a deployment of a store would be exported as. */
async function exported(store: EventStore, changes: Partial<ExportedHead> = {}): Promise<ImportEvents> {
  const head = (await store.readDeployment(deploymentId("d"))) as Deployment;
  const { events } = await readEvents(store, "d", { hidden: true });
  const imported = events.map((stored) => ({ stored, facts: codec.factsOf(stored) }));
  return { head: { ...head, emptied: [], ...changes }, events: imported };
}

/** Another store with a deployment of six events, of which the fourth was redacted. */
async function sourceStore(): Promise<EventStore> {
  const source = openMemoryStore({ codec });
  const [, , , leak] = await append(source, "d", [newEvent(started), ...newEvents(2), newEvent(leaked)]);
  if (leak === undefined) throw new Error("nothing was appended");
  const content = encode({ type: "deployment.progress" });
  const { stamp } = leak.event;
  await source.redactEvent(
    {
      deploymentId: deploymentId("d"),
      read: leak.event,
      facts: codec.factsOf(leak.event),
      left: { content, stamp, facts: codec.factsOf({ content, stamp }) },
      notice: newEvent({ type: redactedType }),
      receiveTimeUs: 2_000_000,
    },
    inTime(),
  );
  await append(source, "d", [newEvent()], { receiveTimeUs: 3_000_000 });
  return source;
}

const part = ({ head, events }: ImportEvents, from: number, to: number): ImportEvents => ({
  head,
  events: events.slice(from, to),
});

export function importContract(underTest: StoreUnderTest): void {
  const importInto = (some: ImportEvents): Promise<Imported> => underTest.store.importEvents(some, inTime());
  const events = async (store: EventStore) => (await readEvents(store, "d", { hidden: true })).events;
  const head = (store: EventStore) => store.readDeployment(deploymentId("d"));

  test("an import brings ids, order, times, redactions and the history hash", async () => {
    const source = await sourceStore();
    const { store } = underTest;
    await store.addRedactionKeys(await source.redactionKeys());

    expect(await importInto(await exported(source))).toEqual({ kind: "imported", events: 6 });

    expect(await events(store)).toEqual(await events(source));
    expect(await head(store)).toEqual(await head(source));
    expect((await append(store, "d", [newEvent(leaked)]))[0]?.duplicate).toBe(true);
    expect((await append(store, "d", [newEvent()]))[0]?.event.sequence).toBe(7);
  });

  test("an import in parts, each twice, is the same as one", async () => {
    const source = await sourceStore();
    const whole = await exported(source);

    const parts: Imported[] = [];
    for (const [from, to] of [
      [0, 2],
      [0, 2],
      [1, 5],
      [2, 6],
      [0, 6],
    ] as const) {
      parts.push(await importInto(part(whole, from, to)));
    }

    expect(parts.map((one) => one.kind === "imported" && one.events)).toEqual([2, 0, 3, 1, 0]);
    expect(await head(underTest.store)).toEqual(await head(source));
  });

  test("the standing and the emptied fields of the head come with its last event", async () => {
    const source = await sourceStore();
    const { store } = underTest;
    await source.hideDeployment(deploymentId("d"), true, inTime());
    const whole = await exported(source, { emptied: ["actor"] });

    await importInto(part(whole, 0, 3));
    expect(await head(store)).toMatchObject({ standing: "kept", actor: "ann", edits: 0 });
    await importInto(part(whole, 3, 6));

    expect(await head(store)).toMatchObject({ standing: "deleted", actor: "", edits: 2 });
    expect(await readSequences(store, "d", { hidden: true })).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("what does not continue the store is foreign, and nothing of the part is stored", async () => {
    const whole = await exported(await sourceStore());
    const { store } = underTest;
    await append(store, "d", [newEvent({ id: "own" })]);

    expect(await importInto(whole)).toMatchObject({ kind: "foreign", sequence: 1 });
    expect(await importInto(part(whole, 2, 6))).toMatchObject({
      kind: "foreign",
      sequence: 3,
      what: "event 2 is missing",
    });
    expect((await events(store)).map((event) => event.eventId)).toEqual(["own"]);
  });

  test("an edited event is foreign, because the history hash is another", async () => {
    const whole = await exported(await sourceStore());
    const edited = whole.events.map(({ stored, facts }) => ({
      facts,
      stored: stored.sequence === 2 ? { ...stored, content: encode({ message: "other" }) } : stored,
    }));

    expect(await importInto({ ...whole, events: edited })).toMatchObject({ kind: "foreign", sequence: 6 });
    expect(await head(underTest.store)).toBeUndefined();
  });

  test("an event with another history hash is foreign, in the middle of its deployment too", async () => {
    const whole = await exported(await sourceStore());
    const told = whole.events.map((one) => ({ ...one, historyHash: new Uint8Array(32) }));

    expect(await importInto({ ...whole, events: told.slice(0, 2) })).toMatchObject({ kind: "foreign", sequence: 1 });
    expect(await head(underTest.store)).toBeUndefined();
  });

  test("a head with other times than its events is foreign", async () => {
    const whole = await exported(await sourceStore(), { createTimeUs: 1 });

    expect(await importInto(whole)).toMatchObject({ kind: "foreign", sequence: 6 });
    expect(await head(underTest.store)).toBeUndefined();
  });

  test("an import of an older export leaves what came later", async () => {
    const whole = await exported(await sourceStore());
    await importInto(whole);
    const { store } = underTest;
    await append(store, "d", [newEvent({ id: "later" })]);
    await store.hideDeployment(deploymentId("d"), true, inTime());

    expect(await importInto(whole)).toEqual({ kind: "imported", events: 0 });

    expect(await head(store)).toMatchObject({ headSequence: 7, standing: "deleted" });
    const later = await store.readEvent(deploymentId("d"), eventId("later"), { hidden: true });
    expect(later).toMatchObject({ sequence: 7 });
  });

  test("an import undoes no edit that was made here", async () => {
    const whole = await exported(await sourceStore());
    await importInto(whole);
    const { store } = underTest;
    await store.hideDeployment(deploymentId("d"), true, inTime());
    const deleted = await head(store);

    expect(await importInto(whole)).toEqual({ kind: "imported", events: 0 });

    expect(deleted).toMatchObject({ standing: "deleted", edits: 2 });
    expect(await head(store)).toEqual(deleted);
  });

  test("what was purged here is not brought back, and what is purged in the export is not purged by it", async () => {
    const source = await sourceStore();
    const whole = await exported(source);
    const { store } = underTest;
    await importInto(whole);
    const notice = () => newEvent({ type: purgedType });
    const purge = (at: EventStore) =>
      at.beginPurge({ deploymentId: deploymentId("d"), notice: notice(), receiveTimeUs: 5_000_000 }, inTime());
    await purge(source);
    await source.purgeSome(deploymentId("d"), inTime());
    const tombstone = await exported(source);

    expect(await importInto(tombstone)).toMatchObject({
      kind: "foreign",
      what: expect.stringContaining("purge it here"),
    });
    expect(await events(store)).toHaveLength(6);
    await purge(store);
    expect(await importInto(whole)).toMatchObject({ kind: "foreign", what: "its purge is under way here" });
    await store.purgeSome(deploymentId("d"), inTime());
    expect(await importInto(whole)).toMatchObject({ kind: "foreign", what: "it was purged here" });
    expect(await importInto(tombstone)).toMatchObject({ kind: "foreign", what: "another one was purged here" });
    expect(await head(store)).toMatchObject({ standing: "purged" });
  });

  test("what is redacted in the export alone is to be redacted here first, and the other way round is the same event", async () => {
    const source = openMemoryStore({ codec });
    const [leak] = await append(source, "d", [newEvent(leaked)]);
    if (leak === undefined) throw new Error("nothing was appended");
    const before = await exported(source);
    const content = encode({ type: "deployment.progress" });
    const { stamp } = leak.event;
    const left = { content, stamp, facts: codec.factsOf({ content, stamp }) };
    const facts = codec.factsOf(leak.event);
    const notice = newEvent({ type: redactedType });
    const redaction = {
      deploymentId: deploymentId("d"),
      read: leak.event,
      facts,
      left,
      notice,
      receiveTimeUs: 2_000_000,
    };
    await source.redactEvent(redaction, inTime());
    const after = await exported(source);
    const { store } = underTest;

    await importInto(before);
    expect(await importInto(after)).toMatchObject({
      kind: "foreign",
      sequence: 1,
      what: expect.stringContaining("redact it here"),
    });
    await store.redactEvent(redaction, inTime());
    expect(await importInto(before)).toEqual({ kind: "imported", events: 0 });
    expect((await events(store))[0]?.content).toEqual(content);
  });

  test("a purge tombstone is imported, and stays one", async () => {
    const source = openMemoryStore({ codec });
    await append(source, "d", newEvents(3));
    const notice = newEvent({ type: purgedType });
    await source.beginPurge({ deploymentId: deploymentId("d"), notice, receiveTimeUs: 5_000_000 }, inTime());
    await source.purgeSome(deploymentId("d"), inTime());
    const whole = await exported(source);
    const { store } = underTest;

    expect(await importInto(whole)).toEqual({ kind: "imported", events: 0 });
    expect(await importInto(whole)).toEqual({ kind: "imported", events: 0 });

    expect(await head(store)).toEqual(await head(source));
    await expect(append(store, "d", [newEvent()])).rejects.toMatchObject({ reason: "DEPLOYMENT_PURGED" });
  });

  test("the keys of redactions outlive a restart, and each is kept once", async () => {
    const { store } = underTest;
    const own = await store.redactionKeys();
    const others = await openMemoryStore({ codec }).redactionKeys();
    await store.addRedactionKeys(others);
    await store.addRedactionKeys(others);

    const reopened = store.traits.durable ? await underTest.reopen() : store;

    const keys = await reopened.redactionKeys();
    expect(keys).toHaveLength(2);
    expect(keys).toEqual(expect.arrayContaining([...own, ...others]));
  });
}
