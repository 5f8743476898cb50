import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { codec } from "../contract/builders.ts";
import { histories, play, seedOf } from "../contract/histories.ts";
import { openMemoryStore } from "../src/memory/store.ts";
import { openSqliteStore } from "../src/sqlite/store.ts";
import { sqlitePlace } from "./sqlite-place.ts";

test("the sqlite store answers every history as the memory store does, reopened at any point", async () => {
  const seed = seedOf(process.env);
  const place = await sqlitePlace((file) => openSqliteStore({ file, codec }));
  const reference = openMemoryStore({ codec });
  let store = await place.open();
  const played = { run: 0, append: 0, read: 0, redact: 0, hide: 0, purge: 0, reopen: 0 };

  // Each history has deployments of its own, so that one store serves them all.
  const property = fc.asyncProperty(histories, async (steps) => {
    played.run += 1;
    for (const step of steps) {
      played[step.kind] += 1;
      if (step.kind === "reopen") {
        await store.close();
        store = await place.open();
        continue;
      }
      const prefix = `run-${played.run}-`;
      expect(await play(store, step, prefix)).toEqual(await play(reference, step, prefix));
    }
  });
  await fc.assert(property, { seed, numRuns: 150 });

  await store.close();
  await place.remove();
  expect(Math.min(...Object.values(played))).toBeGreaterThan(0);
});
