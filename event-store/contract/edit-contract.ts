import { expect, test } from "@jest/globals";
import {
  type Deployment,
  DeploymentGoneError,
  EventIdConflictError,
  type EventStore,
  type Notice,
  purgedType,
  type Redacted,
  redactedType,
  type StoredEvent,
  StoreFaultError,
} from "../src/index.ts";
import { withStoredEvents } from "../src/stored-history.ts";
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
const secret = "hunter2";
const secretEvent = () =>
  newEvent({ id: "leak", message: secret, actor: "ann", service: "shop", url: "https://x.test/1" });

const emptied = { type: "deployment.progress", severity: 200, service: "shop" };
const left = {
  facts: codec.factsOf({ content: encode(emptied), stamp: encode({}) }),
  content: encode(emptied),
  stamp: new Uint8Array(),
};

/** Redacts an event as it is stored, or as it was read before. */
async function redact(store: EventStore, id: string, of: string, read?: StoredEvent): Promise<Redacted> {
  const asRead = read ?? (await store.readEvent(deploymentId(id), eventId(of), { hidden: true }));
  if (asRead === undefined) throw new Error(`there is no event ${of}`);
  const facts = codec.factsOf(asRead);
  const notice = newEvent({ type: redactedType, message: `of ${asRead.sequence}` });
  return store.redactEvent(
    { deploymentId: deploymentId(id), read: asRead, facts, left, notice, receiveTimeUs: 9_000_000 },
    inTime(),
  );
}

const hide = (store: EventStore, id: string, isHidden = true) =>
  store.hideDeployment(deploymentId(id), isHidden, inTime());

const beginPurge = (store: EventStore, id: string) =>
  store.beginPurge(
    { deploymentId: deploymentId(id), notice: newEvent({ type: purgedType }), receiveTimeUs: 9_000_000 },
    inTime(),
  );

async function purge(store: EventStore, id: string): Promise<number> {
  await beginPurge(store, id);
  let events = 0;
  for (;;) {
    const step = await store.purgeSome(deploymentId(id), inTime());
    events += step.events;
    if (!step.more) return events;
  }
}

const head = async (store: EventStore, id: string): Promise<Deployment> => {
  const found = await store.readDeployment(deploymentId(id));
  if (found === undefined) throw new Error(`there is no deployment ${id}`);
  return found;
};

async function listed(store: EventStore, hidden = false): Promise<readonly string[]> {
  const filter = { environment: "", service: "", state: undefined };
  const { deployments } = await store.readDeployments({ cursor: undefined, filter, deploymentsMax: 100, hidden });
  return deployments.map((deployment) => deployment.deploymentId).sort();
}

export function editContract(underTest: StoreUnderTest): void {
  test("a redaction empties the event in its place, and appends the notice", async () => {
    const { store } = underTest;
    await append(store, "d", [newEvent(), secretEvent(), newEvent()]);

    const redacted = await redact(store, "d", "leak");

    if (redacted.kind !== "redacted") throw new Error("nothing was redacted");
    expect(redacted.notice.sequence).toBe(4);
    const stored = await store.readEvent(deploymentId("d"), eventId("leak"));
    expect(stored).toMatchObject({ sequence: 2, receiveTimeUs: 1_000_000, content: encode(emptied) });
    expect(stored).toEqual(redacted.event);
    expect(stored?.salt).toHaveLength(0);
    expect(stored?.redaction?.commitment).toHaveLength(32);
    const page = await readEvents(store, "d");
    expect(page.events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    expect(page.events[1]).toEqual(stored);
    expect(page.events[3]?.type).toBe(redactedType);
    expect(JSON.stringify(page.events.map(({ content }) => Buffer.from(content).toString()))).not.toContain(secret);
  });

  test("a redaction outlives a restart", async () => {
    await append(underTest.store, "d", [secretEvent()]);
    await redact(underTest.store, "d", "leak");
    const before = await underTest.store.readEvent(deploymentId("d"), eventId("leak"));
    if (!underTest.store.traits.durable) return;

    const store = await underTest.reopen();

    expect(await store.readEvent(deploymentId("d"), eventId("leak"))).toEqual(before);
    expect((await head(store, "d")).edits).toBe(1);
    const [again] = await append(store, "d", [secretEvent()]);
    expect(again?.duplicate).toBe(true);
  });

  test("the history hash holds on over a redaction", async () => {
    const { store } = underTest;
    await append(store, "d", [newEvent(), secretEvent()]);
    const before = await head(store, "d");
    await redact(store, "d", "leak");
    await append(store, "d", [newEvent()]);

    const after = await head(store, "d");
    const { events } = await readEvents(store, "d");

    const computed = (to: number) =>
      withStoredEvents(undefined, { deploymentId: deploymentId("d"), events, codec, to });
    expect(computed(2)).toEqual(before.historyHash);
    expect(computed(4)).toEqual(after.historyHash);
  });

  test("the head loses what it shows of the event, and counts the edit", async () => {
    const { store } = underTest;
    await append(store, "d", [secretEvent(), newEvent({ url: "https://x.test/2" })]);

    await redact(store, "d", "leak");

    const { actor, service, url, edits, headSequence, standing } = await head(store, "d");
    expect({ actor, service, url, edits, headSequence, standing }).toEqual({
      actor: "",
      service: "shop",
      url: "https://x.test/2",
      edits: 1,
      headSequence: 3,
      standing: "kept",
    });
  });

  test("the head loses the commit time of the event, also without a commit", async () => {
    const { store } = underTest;
    await append(store, "d", [newEvent({ commit: "c0ffee" }), newEvent({ id: "leak", commitTimeUs: 5 })]);
    const before = await head(store, "d");

    await redact(store, "d", "leak");

    expect(before.commitTimeUs).toBe(5);
    expect(await head(store, "d")).toMatchObject({ commit: "c0ffee", commitTimeUs: undefined });
  });

  test("the same content again is a duplicate of a redacted event, and other content a conflict without field names", async () => {
    const { store } = underTest;
    await append(store, "d", [secretEvent()]);
    await redact(store, "d", "leak");

    const [again] = await append(store, "d", [secretEvent()]);
    const other = append(store, "d", [newEvent({ id: "leak", message: "guess" }), newEvent()]);

    expect(again).toMatchObject({ duplicate: true, event: { sequence: 1, content: encode(emptied) } });
    await expect(other).rejects.toThrow(EventIdConflictError);
    await expect(other).rejects.toMatchObject({
      conflicts: [{ index: 0, eventId: "leak", sequence: 1, fields: [], redacted: true }],
    });
    expect(await readSequences(store, "d")).toEqual([1, 2]);
  });

  test("what was redacted meanwhile is not redacted as it was read", async () => {
    const { store } = underTest;
    await append(store, "d", [secretEvent()]);
    const read = await store.readEvent(deploymentId("d"), eventId("leak"));
    const both = await Promise.all([redact(store, "d", "leak", read), redact(store, "d", "leak", read)]);

    expect(both.map(({ kind }) => kind).sort()).toEqual(["changed", "redacted"]);
    expect(await readSequences(store, "d")).toEqual([1, 2]);
    expect((await head(store, "d")).edits).toBe(1);
  });

  test("a redacted event can be redacted further, and keeps its commitment", async () => {
    const { store } = underTest;
    await append(store, "d", [secretEvent()]);
    const first = await redact(store, "d", "leak");
    const second = await redact(store, "d", "leak");

    if (first.kind !== "redacted" || second.kind !== "redacted") throw new Error("nothing was redacted");
    expect(second.event.redaction).toEqual(first.event.redaction);
    expect((await append(store, "d", [secretEvent()]))[0]?.duplicate).toBe(true);
  });

  test("appends and redactions at the same time leave no gap and lose nothing", async () => {
    const { store } = underTest;
    await append(store, "d", [secretEvent()]);

    await Promise.all([
      ...newEvents(20).map((event) => append(store, "d", [event])),
      redact(store, "d", "leak"),
      ...newEvents(20).map((event) => append(store, "d", [event])),
    ]);

    const { events } = await readEvents(store, "d");
    expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 42 }, (_, index) => index + 1));
    const { historyHash } = await head(store, "d");
    expect(withStoredEvents(undefined, { deploymentId: deploymentId("d"), events, codec, to: 42 })).toEqual(
      historyHash,
    );
  });

  test("a deleted deployment is hidden until it is undeleted", async () => {
    const { store } = underTest;
    await append(store, "d", [newEvent({ id: "a" }), newEvent()]);
    await append(store, "e", [newEvent()]);

    const deleted = await hide(store, "d");

    expect(deleted).toMatchObject({ standing: "deleted", edits: 1, headSequence: 2 });
    expect(await store.readDeployment(deploymentId("d"))).toEqual(deleted);
    expect(await listed(store)).toEqual(["e"]);
    expect(await listed(store, true)).toEqual(["d", "e"]);
    expect(await store.readEvent(deploymentId("d"), eventId("a"))).toBeUndefined();
    expect(await store.readEvent(deploymentId("d"), eventId("a"), { hidden: true })).toMatchObject({ sequence: 1 });
    expect(await readEvents(store, "d")).toMatchObject({ events: [], looked: 0, more: false });
    expect(await readSequences(store, "d", { hidden: true })).toEqual([1, 2]);

    const back = await hide(store, "d", false);

    expect(back).toMatchObject({ standing: "kept", edits: 2 });
    expect(await listed(store)).toEqual(["d", "e"]);
    expect(await readSequences(store, "d")).toEqual([1, 2]);
    expect((await append(store, "d", [newEvent()]))[0]?.event.sequence).toBe(3);
  });

  test("of a deleted deployment duplicates and conflicts are decided first, and only new events are refused", async () => {
    const { store } = underTest;
    const known = newEvent({ id: "a" });
    await append(store, "d", [known]);
    await hide(store, "d");

    const [again] = await append(store, "d", [known]);
    const conflict = append(store, "d", [newEvent({ id: "a", message: "other" })]);
    const fresh = append(store, "d", [known, newEvent()]);

    expect(again).toMatchObject({ duplicate: true, event: { sequence: 1 } });
    await expect(conflict).rejects.toThrow(EventIdConflictError);
    await expect(fresh).rejects.toThrow(DeploymentGoneError);
    await expect(fresh).rejects.toMatchObject({ reason: "DEPLOYMENT_DELETED" });
    expect(await readSequences(store, "d", { hidden: true })).toEqual([1]);
  });

  test("what is hidden already, or unknown, is left as it is", async () => {
    const { store } = underTest;
    await append(store, "d", [newEvent()]);
    await hide(store, "d");

    expect(await hide(store, "d")).toMatchObject({ standing: "deleted", edits: 1 });
    expect(await hide(store, "unknown")).toBeUndefined();
    expect(await listed(store, true)).toEqual(["d"]);
  });

  test("an event of a deleted deployment can be redacted", async () => {
    const { store } = underTest;
    await append(store, "d", [secretEvent()]);
    await hide(store, "d");

    expect((await redact(store, "d", "leak")).kind).toBe("redacted");
    expect(await head(store, "d")).toMatchObject({ standing: "deleted", edits: 2, headSequence: 2 });
  });

  test("a purge takes all events, and leaves the last pair of sequence and history hash for ever", async () => {
    const { store } = underTest;
    await append(store, "d", newEvents(3, { service: "shop", actor: "ann" }));
    await append(store, "e", [newEvent()]);

    const marked = await beginPurge(store, "d");
    expect(marked).toMatchObject({ standing: "purging", headSequence: 4, edits: 1 });
    expect(await readEvents(store, "d", { hidden: true })).toMatchObject({ events: [], looked: 0, more: false });
    expect(await purge(store, "d")).toBe(4);

    const tombstone = await head(store, "d");
    expect(tombstone).toMatchObject({ standing: "purged", headSequence: 4, service: "", actor: "", edits: 1 });
    expect(tombstone.historyHash).toEqual(marked?.historyHash);
    expect(await listed(store)).toEqual(["e"]);
    expect(await listed(store, true)).toEqual(["d", "e"]);
    expect(await readEvents(store, "d", { hidden: true })).toMatchObject({ events: [], looked: 0, more: false });
    expect(await readSequences(store, "e")).toEqual([1]);
  });

  test("a purged deployment takes no event, known or new, and never starts again", async () => {
    const { store } = underTest;
    const known = newEvent({ id: "a" });
    await append(store, "d", [known]);
    await beginPurge(store, "d");

    for (const state of ["marked", "purged"]) {
      if (state === "purged") await purge(store, "d");
      for (const event of [known, newEvent()]) {
        const refused = append(store, "d", [event]);
        await expect(refused).rejects.toThrow(DeploymentGoneError);
        await expect(refused).rejects.toMatchObject({ reason: "DEPLOYMENT_PURGED" });
      }
    }
    expect(await hide(store, "d", false)).toMatchObject({ standing: "purged" });
    expect(await beginPurge(store, "d")).toMatchObject({ standing: "purged", headSequence: 2 });
  });

  test("a purge goes on where it stopped, also after a restart", async () => {
    await append(underTest.store, "d", newEvents(500));
    await append(underTest.store, "d", newEvents(500));
    await append(underTest.store, "d", newEvents(500));
    await append(underTest.store, "e", newEvents(2));
    await beginPurge(underTest.store, "d");
    const first = await underTest.store.purgeSome(deploymentId("d"), inTime());
    expect(first.more).toBe(true);

    const store = underTest.store.traits.durable ? await underTest.reopen() : underTest.store;

    expect(first.events + (await purge(store, "d"))).toBe(1_501);
    expect(await head(store, "d")).toMatchObject({ standing: "purged", headSequence: 1_501 });
    expect(await store.purgeSome(deploymentId("d"), inTime())).toEqual({ events: 0, more: false });
    expect(await readSequences(store, "e")).toEqual([1, 2]);
    expect((await append(store, "e", [newEvent()]))[0]?.event.sequence).toBe(3);
  });

  test("emptying ends, also when there is nothing to empty, after one purge that waits for it and many that do not", async () => {
    const { store } = underTest;
    await store.finishEmptying(inTime());
    const ids = ["d", "e", "f"];
    for (const id of ids) await append(store, id, newEvents(2));

    for (const id of ids) {
      await beginPurge(store, id);
      const step = await store.purgeSome(deploymentId(id), { ...inTime(), emptyLater: id !== "d" });
      expect(step).toEqual({ events: 3, more: false });
      expect(await head(store, id)).toMatchObject({ standing: "purged", headSequence: 3 });
    }
    await store.finishEmptying(inTime());
    await store.finishEmptying(inTime());

    expect(await listed(store, true)).toEqual(ids);
    expect((await append(store, "g", [newEvent()]))[0]?.event.sequence).toBe(1);
  });

  test("nothing is purged without its mark", async () => {
    const { store } = underTest;
    await append(store, "d", newEvents(2));

    expect(await store.purgeSome(deploymentId("d"), inTime())).toEqual({ events: 0, more: false });
    expect(await readSequences(store, "d")).toEqual([1, 2]);
    expect(await beginPurge(store, "unknown")).toBeUndefined();
  });

  test("arrivals leave out what is deleted or purged", async () => {
    const { store } = underTest;
    if (!store.traits.arrivalOrder) return;
    for (const id of ["d", "e", "f", "d"]) await append(store, id, [newEvent()]);
    await hide(store, "e");
    await purge(store, "d");

    const ids: string[] = [];
    let cursor: Parameters<EventStore["readArrivals"]>[0]["cursor"];
    do {
      const page = await store.readArrivals({ cursor, eventsMax: 1, bytesMax: 1_000_000 });
      ids.push(...page.arrivals.map((arrival) => arrival.deploymentId));
      cursor = page.next;
    } while (cursor !== undefined);

    expect(ids).toEqual(["f"]);
  });

  test("nothing is edited after its deadline", async () => {
    const { store } = underTest;
    await append(store, "d", [newEvent()]);

    const late = store.hideDeployment(deploymentId("d"), true, { deadlineMs: Date.now() - 1 });

    await expect(late).rejects.toThrow(StoreFaultError);
    await expect(late).rejects.toMatchObject({ reason: "DEADLINE_PASSED" });
    expect((await head(store, "d")).standing).toBe("kept");
  });

  test("listeners and watchers are told of edits", async () => {
    const { store } = underTest;
    await append(store, "d", [secretEvent()]);
    const changed: string[] = [];
    const notices: Notice[] = [];
    const watch = store.watch({
      intervalMs: 100,
      onChanged: (ids) => changed.push(...ids),
      onMissed: () => {},
      onSilent: () => {},
    });
    const listener = store.listen(deploymentId("d"), (notice) => notices.push(notice));
    await Promise.all([watch.ready, listener.ready]);
    try {
      for (const edit of [() => redact(store, "d", "leak"), () => hide(store, "d"), () => beginPurge(store, "d")]) {
        changed.length = 0;
        await edit();
        await eventually(() => changed.includes("d"));
      }
      if (!store.traits.shared) expect(notices.map(({ edited }) => edited)).toEqual([true, true, true]);
    } finally {
      watch.close();
      listener.close();
    }
  });
}

async function eventually(isSo: () => boolean): Promise<void> {
  const endMs = Date.now() + 20_000;
  while (!isSo()) {
    if (Date.now() > endMs) throw new Error("it never came to be");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
