import { expect, test } from "@jest/globals";
import type { Arrival, ArrivalCursor, EventStore, ReadArrivals } from "../src/index.ts";
import { append, newEvent, newEvents } from "./builders.ts";
import type { StoreUnderTest } from "./store-under-test.ts";

const page: ReadArrivals = { cursor: undefined, eventsMax: 1_000, bytesMax: 3_000_000 };

/** Tests reading the events of all deployments in order of arrival; a store without the order declares it. */
export function arrivalContract(underTest: StoreUnderTest): void {
  /** Runs a test on stores that keep the order; the others must refuse the read, as their trait declares. */
  const ordered = (name: string, run: (store: EventStore) => Promise<void>) =>
    test(name, async () => {
      const { store } = underTest;
      if (store.traits.arrivalOrder) await run(store);
      else await expect(store.readArrivals(page)).rejects.toThrow(`${store.traits.name} keeps no order of arrival`);
    });

  ordered("knows of no arrivals in an empty store", async (store) => {
    expect(await store.readArrivals(page)).toEqual({ arrivals: [], damaged: [], next: undefined });
  });

  ordered("reads the events of all deployments as they were stored, in the order of their arrival", async (store) => {
    await append(store, "b", [newEvent({ id: "1", labels: { team: "a" }, stamp: new Uint8Array([9]) })]);
    await append(store, "a", [newEvent({ id: "2" }), newEvent({ id: "3", content: new Uint8Array([1, 2]) })]);
    await append(store, "b", [newEvent({ id: "4" })]);

    const { arrivals, next } = await store.readArrivals(page);

    expect(namesOf(arrivals)).toEqual(["b/1", "a/2", "a/3", "b/4"]);
    for (const { deploymentId, event } of arrivals) {
      expect(event).toEqual(await store.readEvent(deploymentId, event.eventId));
    }
    expect(next).toBeUndefined();
  });

  ordered("counts a duplicate, a refused append and a new start of the store for nothing", async (store) => {
    const first = newEvent({ id: "1" });
    await append(store, "a", [first]);
    await append(store, "b", [newEvent({ id: "1" })]);
    await append(store, "a", [first, newEvent({ id: "2" })]);
    await append(store, "a", [newEvent({ id: "1", message: "other" })]).catch(() => {});
    const reopened = store.traits.durable ? await underTest.reopen() : store;
    await append(reopened, "b", [newEvent({ id: "2" })]);

    expect(await allArrivals(reopened)).toEqual(["a/1", "b/1", "a/2", "b/2"]);
  });

  ordered("reads pages of bounded events and bytes, each after the one before", async (store) => {
    const all: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      for (const id of ["a", "b", "c"]) {
        const events = newEvents(2, { content: new Uint8Array(1_000) });
        await append(store, id, events);
        all.push(...events.map(({ eventId }) => `${id}/${eventId}`));
      }
    }

    const three = await store.readArrivals({ ...page, eventsMax: 3 });
    const two = await store.readArrivals({ ...page, bytesMax: 2_900 });
    const one = await store.readArrivals({ ...page, bytesMax: 1 });

    expect([three, two, one].map(({ arrivals }) => namesOf(arrivals))).toEqual([3, 2, 1].map((n) => all.slice(0, n)));
    for (const eventsMax of [1, 3, 7, 10, 30, 31]) expect(await allArrivals(store, { eventsMax })).toEqual(all);
    expect(await allArrivals(store, { bytesMax: 2_900 })).toEqual(all);
  });

  ordered("ends with the event that was the last when its first page was read", async (store) => {
    await append(store, "a", newEvents(3));
    const expected = await allArrivals(store);

    const first = await store.readArrivals({ ...page, eventsMax: 2 });
    await append(store, "a", newEvents(2));
    await append(store, "b", newEvents(2));
    const second = await store.readArrivals({ ...page, eventsMax: 2, cursor: first.next });

    expect(namesOf([...first.arrivals, ...second.arrivals])).toEqual(expected);
    expect(second.next).toBeUndefined();
    expect(await allArrivals(store)).toHaveLength(7);
  });

  ordered("keeps each deployment's sequence order when many append at once", async (store) => {
    await Promise.all(
      Array.from({ length: 60 }, (_, index) => append(store, `d${index % 3}`, newEvents(1 + (index % 4)))),
    );

    const { arrivals } = await store.readArrivals(page);

    expect(arrivals).toHaveLength(150);
    const sequences = Map.groupBy(arrivals, ({ deploymentId }) => deploymentId);
    for (const [, of] of sequences) {
      expect(of.map(({ event }) => event.sequence)).toEqual(of.map((_, index) => index + 1));
    }
  });
}

async function allArrivals(store: EventStore, request: Partial<ReadArrivals> = {}): Promise<string[]> {
  const names: string[] = [];
  let cursor: ArrivalCursor | undefined;
  do {
    const { arrivals, next } = await store.readArrivals({ ...page, ...request, cursor });
    names.push(...namesOf(arrivals));
    cursor = next;
  } while (cursor !== undefined);
  return names;
}

function namesOf(arrivals: readonly Arrival[]): string[] {
  return arrivals.map(({ deploymentId, event }) => `${deploymentId}/${event.eventId}`);
}
