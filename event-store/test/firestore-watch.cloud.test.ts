import { until } from "@activity-events/testing/until";
import { Firestore, type Query, type QuerySnapshot } from "@google-cloud/firestore";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { append, codec, newEvents } from "../contract/builders.ts";
import { endClient } from "../src/firestore/end-client.ts";
import { HeadWatch } from "../src/firestore/head-watch.ts";
import { openFirestoreStore } from "../src/firestore/store.ts";
import type { EventStore, WatchOptions } from "../src/index.ts";
import { firestorePlace } from "./firestore-place.ts";

let place: ReturnType<typeof firestorePlace>;
let store: EventStore;
let firestore: Firestore;
let watch: HeadWatch | undefined;
beforeEach(async () => {
  place = firestorePlace((settings) => openFirestoreStore({ ...settings, codec }));
  store = await place.open();
  firestore = new Firestore(place.settings);
});
afterEach(async () => {
  watch?.close();
  watch = undefined;
  await Promise.all([store.close(), endClient(firestore)]);
});

interface Told {
  readonly changed: string[];
  missed: number;
  silent: number;
}

function collect(intervalMs: number): { readonly told: Told; readonly options: WatchOptions } {
  const told: Told = { changed: [], missed: 0, silent: 0 };
  const options: WatchOptions = {
    intervalMs,
    onChanged: (ids) => told.changed.push(...ids),
    onMissed: () => {
      told.missed += 1;
    },
    onSilent: () => {
      told.silent += 1;
    },
  };
  return { told, options };
}

/** The same database, but what its listeners hear after `silence` is lost; those that come later hear all again. */
function silenceable(whole: Firestore): { readonly firestore: Firestore; silence(): void; readonly listeners: number } {
  let [generation, listeners] = [0, 0];
  const wrapped = (query: Query): Query =>
    new Proxy(query, {
      get: (target, name) => {
        const value = Reflect.get(target, name, target);
        if (name === "onSnapshot") {
          return (onNext: (snapshot: QuerySnapshot) => void, onError: (error: Error) => void) => {
            const born = generation;
            listeners += 1;
            return target.onSnapshot((snapshot) => born === generation && onNext(snapshot), onError);
          };
        }
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          const answer = Reflect.apply(value, target, args);
          return name === "where" || name === "orderBy" ? wrapped(answer as Query) : answer;
        };
      },
    });
  const proxy = { collection: (path: string) => wrapped(whole.collection(path)) } as unknown as Firestore;
  return {
    firestore: proxy,
    silence: () => {
      generation += 1;
    },
    get listeners() {
      return listeners;
    },
  };
}

test("tells of what another instance records", async () => {
  const other = await place.open();
  const { told, options } = collect(15_000);
  watch = new HeadWatch(firestore, options);
  await watch.ready;

  await append(other, "theirs", newEvents(1));
  await append(store, "ours", newEvents(1));

  await until(() => told.changed.includes("theirs") && told.changed.includes("ours"), "both are told");
  await other.close();
});

test("a listener that has fallen silent keeps nothing back, and is replaced", async () => {
  const mute = silenceable(firestore);
  const { told, options } = collect(50);
  watch = new HeadWatch(mute.firestore, options);
  await watch.ready;
  mute.silence();

  await append(store, "unheard", newEvents(1));

  await until(() => told.silent === 1, "it is replaced");
  expect(told.changed).toContain("unheard");
  expect(mute.listeners).toBe(2);
  told.changed.splice(0);
  await append(store, "heard", newEvents(1));
  await until(() => told.changed.includes("heard"), "the new one hears");
  expect(told).toMatchObject({ missed: 0, silent: 1 });
});

test("does not take a listener for silent that hears all", async () => {
  const { told, options } = collect(20);
  watch = new HeadWatch(firestore, options);
  await watch.ready;

  for (let n = 0; n < 60; n += 1) await append(store, `d-${n % 5}`, newEvents(1));
  await until(() => new Set(told.changed).size === 5, "all are told");

  expect(told).toMatchObject({ missed: 0, silent: 0 });
});

test("says that changes may be missing after a pause in which a flag may have come and gone", async () => {
  const { told, options } = collect(1_000);
  watch = new HeadWatch(firestore, options, 500);
  await watch.ready;

  await until(() => told.missed >= 1, "the pause is told");
});

test("what lost its flag is not told, and what gets it again is", async () => {
  await append(store, "d", newEvents(1));
  const { told, options } = collect(15_000);
  watch = new HeadWatch(firestore, options);
  await watch.ready;
  told.changed.splice(0);

  await firestore.collection("deployments").doc("d").update({ mirror_pending: false });
  await append(store, "other", newEvents(1));
  await until(() => told.changed.includes("other"), "the other one is told");
  expect(told.changed).not.toContain("d");

  await append(store, "d", newEvents(1));
  await until(() => told.changed.includes("d"), "the one with the flag is told again");
});

// The library repeats a call on a closed client, and throws what nobody can catch.
test("a store that is closed while a watch asks lets it finish", async () => {
  for (let round = 0; round < 20; round += 1) {
    const other = await place.open();
    const { told, options } = collect(1);
    await other.watch(options).ready;
    await append(store, `d-${round}`, newEvents(1));
    await until(() => told.changed.includes(`d-${round}`), "it is told");
    await other.close();
  }
});
