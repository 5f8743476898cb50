import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { releaseMemoryAtFirstRest } from "../src/release-memory.ts";

/** Lets the CPU time of each look be told, and tells after which looks there was a collection. */
async function collectionsAfter(...cpuMsOfLooks: readonly number[]): Promise<number[]> {
  let [total, looks] = [0, 0];
  const collections: number[] = [];
  const stop = releaseMemoryAtFirstRest({
    cpuMs: () => {
      total += cpuMsOfLooks[looks] ?? 100;
      looks += 1;
      return total;
    },
    collect: () => collections.push(looks - 1),
  });
  const sinceStartMs = performance.now();
  while (looks <= cpuMsOfLooks.length && performance.now() - sinceStartMs < cpuMsOfLooks.length * 300) await sleep(20);
  stop();
  return collections;
}

test("memory is given back at the first rest after work, and never again", async () => {
  expect(await collectionsAfter(0, 300, 300, 0, 0, 600, 0)).toEqual([3]);
});

test("memory is not given back while there is work, nor after little of it", async () => {
  expect(await collectionsAfter(0, 300, 300, 300, 20)).toEqual([]);
  expect(await collectionsAfter(0, 450, 0, 0)).toEqual([]);
});

test("what V8 kept after work goes back to the system", async () => {
  const stop = releaseMemoryAtFirstRest();
  let garbage: object[] = [];
  for (let n = 0; n < 1_500_000; n += 1) garbage.push({ n });
  const before = process.memoryUsage().heapTotal;
  garbage = [];

  const giveUpMs = performance.now() + 15_000;
  while (process.memoryUsage().heapTotal > before / 2 && performance.now() < giveUpMs) await sleep(50);
  stop();

  expect(garbage).toEqual([]);
  expect(process.memoryUsage().heapTotal).toBeLessThan(before - 30e6);
});
