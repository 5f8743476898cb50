import { expect, test } from "@jest/globals";
import { type EventFilter, type EventStore, everyEvent, limits } from "../src/index.ts";
import {
  append,
  deploymentId,
  eventId,
  newEvent,
  newEvents,
  readEvents,
  readSequences,
  sequencesTo,
} from "./builders.ts";
import type { StoreUnderTest } from "./store-under-test.ts";

const matching = async (store: EventStore, filter: Partial<EventFilter>) =>
  readSequences(store, "d", { filter: { ...everyEvent, ...filter } });

export function readContract(underTest: StoreUnderTest): void {
  test("knows nothing of what was never stored", async () => {
    const { store } = underTest;
    await append(store, "d", [newEvent({ id: "a" })]);

    expect(await store.readEvent(deploymentId("d"), eventId("b"))).toBeUndefined();
    expect(await store.readEvent(deploymentId("e"), eventId("a"))).toBeUndefined();
    expect(await store.readDeployment(deploymentId("e"))).toBeUndefined();
    expect(await readEvents(store, "e")).toEqual({ events: [], cursor: undefined, looked: 0, more: false });
  });

  test.each(["ascending", "descending"] as const)(
    "reads pages in %s order, each after the one before",
    async (order) => {
      const { store } = underTest;
      await append(store, "d", newEvents(7));
      await append(store, "e", newEvents(3));
      const expected = order === "ascending" ? sequencesTo(7) : sequencesTo(7).reverse();

      const first = await readEvents(store, "d", { order, eventsMax: 3 });

      expect(first.events.map(({ sequence }) => sequence)).toEqual(expected.slice(0, 3));
      expect(first).toMatchObject({ cursor: expected[2], looked: 3, more: true });
      expect(await readSequences(store, "d", { order, eventsMax: 3 })).toEqual(expected);
      expect(await readSequences(store, "d", { order, eventsMax: 7 })).toEqual(expected);
      expect(await readEvents(store, "d", { order, cursor: expected[6] })).toEqual({
        events: [],
        cursor: expected[6],
        looked: 0,
        more: false,
      });
    },
  );

  test.each(["ascending", "descending"] as const)("reads on in %s order from wherever a page ended", async (order) => {
    const { store } = underTest;
    for (const count of [1, 62, 1, 1, 63, 70]) {
      await append(store, "d", newEvents(count));
      await append(store, "e", newEvents(2));
    }
    const all = order === "ascending" ? sequencesTo(198) : sequencesTo(198).reverse();

    for (const [place, cursor] of all.entries()) {
      const { events } = await readEvents(store, "d", { order, cursor, eventsMax: 3 });
      expect(events.map(({ sequence }) => sequence)).toEqual(all.slice(place + 1, place + 4));
    }
  });

  test("reads pages without a gap while events are appended", async () => {
    const { store } = underTest;
    await append(store, "d", newEvents(1));
    let appending = true;
    const appends = (async () => {
      for (let left = 200; left > 0; left -= 1) await append(store, "d", newEvents(1));
      appending = false;
    })();

    while (appending) {
      const sequences = await readSequences(store, "d");
      expect(sequences).toEqual(sequencesTo(sequences.length));
    }
    await appends;

    expect(await readSequences(store, "d")).toEqual(sequencesTo(201));
  });

  test("keeps pages stable while events are appended", async () => {
    const { store } = underTest;
    await append(store, "d", newEvents(4));

    const first = await readEvents(store, "d", { order: "descending", eventsMax: 2 });
    await append(store, "d", newEvents(4));
    const rest = await readSequences(store, "d", { order: "descending", eventsMax: 2, cursor: first.cursor });

    expect(rest).toEqual([2, 1]);
  });

  test("ends a page before its bytes are more than it may hold, but never without an event", async () => {
    const { store } = underTest;
    await append(store, "d", newEvents(4, { content: new Uint8Array(10_000) }));

    const two = await readEvents(store, "d", { bytesMax: 25_000 });
    const one = await readEvents(store, "d", { bytesMax: 1 });

    expect(two.events).toHaveLength(2);
    expect(one.events).toHaveLength(1);
    expect(await readSequences(store, "d", { bytesMax: 25_000 })).toEqual([1, 2, 3, 4]);
  });

  test("filters by type, severity, time and labels, all of them together", async () => {
    const { store } = underTest;
    await append(store, "d", [newEvent({ type: "incident.opened", severity: 500, labels: { team: "a", zone: "1" } })], {
      receiveTimeUs: 10,
    });
    await append(store, "d", [newEvent({ type: "incident.closed", severity: 200, labels: { team: "a" } })], {
      receiveTimeUs: 20,
    });
    await append(store, "d", [newEvent({ type: "approval.given", severity: 400, labels: { team: "b" } })], {
      receiveTimeUs: 30,
    });

    expect(await matching(store, { typePrefix: "incident." })).toEqual([1, 2]);
    expect(await matching(store, { severityMin: 400 })).toEqual([1, 3]);
    expect(await matching(store, { receiveTimeFromUs: 20 })).toEqual([2, 3]);
    expect(await matching(store, { receiveTimeBeforeUs: 20 })).toEqual([1]);
    expect(await matching(store, { labels: { team: "a" } })).toEqual([1, 2]);
    expect(await matching(store, { labels: { team: "a", zone: "1" } })).toEqual([1]);
    expect(await matching(store, { labels: { constructor: "x" } })).toEqual([]);
    expect(
      await matching(store, { typePrefix: "incident.", severityMin: 300, receiveTimeFromUs: 5, labels: { team: "a" } }),
    ).toEqual([1]);
  });

  test("takes a type prefix literally", async () => {
    const { store } = underTest;
    await append(
      store,
      "d",
      ["a%b", "a_b", "axb", "A%b"].map((type) => newEvent({ type })),
    );

    expect(await matching(store, { typePrefix: "a%" })).toEqual([1]);
    expect(await matching(store, { typePrefix: "a_" })).toEqual([2]);
  });

  test("looks at a bounded number of events for a page, and moves the cursor over those that do not match", async () => {
    const { store } = underTest;
    for (let left = limits.pageScanMax + 1; left > 0; left -= 500) {
      await append(store, "d", newEvents(Math.min(500, left)));
    }
    await append(store, "d", [newEvent({ severity: 500 })]);
    const filter = { ...everyEvent, severityMin: 500 };

    const first = await readEvents(store, "d", { filter });
    const second = await readEvents(store, "d", { filter, cursor: first.cursor });

    expect(first).toEqual({ events: [], cursor: limits.pageScanMax, looked: limits.pageScanMax, more: true });
    expect(second.events.map(({ sequence }) => sequence)).toEqual([limits.pageScanMax + 2]);
    expect(second.more).toBe(false);
  });

  test("lists deployments, the newest created first, and of the same time by the bytes of the id, descending", async () => {
    const { store } = underTest;
    const sameTime = ["a-b", "1", "a:b", "Z", "ab", "a~b", "a", "-", "a.b", "aB", "a0", "a_b", "b", "10", "aa"];
    for (const id of sameTime) await append(store, id, newEvents(1), { receiveTimeUs: 10 });
    await append(store, "old", newEvents(1), { receiveTimeUs: 5 });
    await append(store, "new", newEvents(1), { receiveTimeUs: 20 });
    await append(store, "old", newEvents(1), { receiveTimeUs: 99 });
    const byBytes = sameTime.toSorted((one, other) => Buffer.compare(Buffer.from(other), Buffer.from(one)));

    const whole = await deploymentIds(store, 100);

    expect(whole).toEqual(["new", ...byBytes, "old"]);
    expect(byBytes.slice(0, 3)).toEqual(["b", "a~b", "ab"]);
    for (const pageSize of [1, 2, 3, 7, 16, 17]) expect(await deploymentIds(store, pageSize)).toEqual(whole);
  });

  test("lists deployments of the same time under a filter in the same order, page by page", async () => {
    const { store } = underTest;
    for (const [place, id] of ["b", "C", "a.1", "a-1", "a", "c"].entries()) {
      const environment = place % 2 === 0 ? "prod" : "dev";
      await append(store, id, [newEvent({ environment, service: "api" })], { receiveTimeUs: 10 });
    }

    for (const pageSize of [1, 2, 9]) {
      expect(await deploymentIds(store, pageSize, { environment: "prod" })).toEqual(["b", "a.1", "a"]);
      expect(await deploymentIds(store, pageSize, { environment: "dev", service: "api" })).toEqual(["c", "a-1", "C"]);
    }
  });

  test("filters deployments by environment, service and state", async () => {
    const { store } = underTest;
    await append(store, "a", [newEvent({ environment: "prod", service: "api", type: "deployment.started" })]);
    await append(store, "b", [newEvent({ environment: "prod", service: "web", type: "deployment.queued" })]);
    await append(store, "c", [newEvent({ environment: "dev", service: "api" })]);

    expect(await deploymentIds(store, 10, { environment: "prod" })).toEqual(["b", "a"]);
    expect(await deploymentIds(store, 1, { service: "api" })).toEqual(["c", "a"]);
    expect(await deploymentIds(store, 10, { state: "queued" })).toEqual(["b"]);
    expect(await deploymentIds(store, 10, { environment: "prod", service: "api", state: "running" })).toEqual(["a"]);
    expect(await deploymentIds(store, 10, { environment: "prod", service: "api", state: "queued" })).toEqual([]);
  });

  test("hides and repeats no deployment when others are created between two pages", async () => {
    const { store } = underTest;
    for (const [index, id] of ["a", "b", "c", "d"].entries())
      await append(store, id, newEvents(1), { receiveTimeUs: index });
    const filter = { environment: "", service: "", state: undefined };

    const first = await store.readDeployments({ cursor: undefined, filter, deploymentsMax: 2 });
    await append(store, "later", newEvents(1), { receiveTimeUs: 99 });
    const second = await store.readDeployments({ cursor: first.next, filter, deploymentsMax: 9 });

    expect([...first.deployments, ...second.deployments].map((head) => head.deploymentId)).toEqual([
      "d",
      "c",
      "b",
      "a",
    ]);
    expect(second.next).toBeUndefined();
  });
}

async function deploymentIds(
  store: EventStore,
  deploymentsMax: number,
  filter: Partial<Parameters<EventStore["readDeployments"]>[0]["filter"]> = {},
): Promise<string[]> {
  const ids: string[] = [];
  let cursor: Parameters<EventStore["readDeployments"]>[0]["cursor"];
  do {
    const wanted = { environment: "", service: "", state: undefined, ...filter };
    const page = await store.readDeployments({ cursor, filter: wanted, deploymentsMax });
    ids.push(...page.deployments.map((head) => head.deploymentId));
    cursor = page.next;
  } while (cursor !== undefined);
  return ids;
}
