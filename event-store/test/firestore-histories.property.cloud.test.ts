import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { codec } from "../contract/builders.ts";
import { histories, play, seedOf } from "../contract/histories.ts";
import { openFirestoreStore } from "../src/firestore/store.ts";
import { openMemoryStore } from "../src/memory/store.ts";
import { firestorePlace } from "./firestore-place.ts";

test("two firestore stores on one database together answer every history as one memory store does", async () => {
  const seed = seedOf(process.env);
  const { settings } = firestorePlace((wanted) => openFirestoreStore({ ...wanted, codec }));
  const stores = [0, 1].map(() => openFirestoreStore({ ...settings, codec }));
  const reference = openMemoryStore({ codec });
  const played = { run: 0, append: 0, read: 0, redact: 0, hide: 0, purge: 0, reopen: 0 };

  // Each history has deployments of its own. A step that would reopen a store hands over to the other instance instead,
  // whose cached head is then out of date.
  const property = fc.asyncProperty(histories, async (steps) => {
    played.run += 1;
    let turn = 0;
    for (const step of steps) {
      played[step.kind] += 1;
      turn += step.kind === "reopen" || played.append % 3 === 0 ? 1 : 0;
      if (step.kind === "reopen") continue;
      const store = stores[turn % stores.length];
      if (store === undefined) throw new Error("no store");
      const prefix = `run-${played.run}-`;
      expect(await play(store, step, prefix)).toEqual(await play(reference, step, prefix));
    }
  });
  await fc.assert(property, { seed, numRuns: 100 });

  await Promise.all(stores.map((store) => store.close()));
  expect(Math.min(...Object.values(played))).toBeGreaterThan(0);
});
