import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, jest, test } from "@jest/globals";
import { releaseMemoryAtFirstRest } from "../src/release-memory.ts";

afterEach(() => {
  jest.useRealTimers();
});

/** Lets the CPU time of each look be told, then work go on for long, and tells after which looks there was a collection. */
function collectionsAfter(...cpuMsOfLooks: readonly number[]): number[] {
  jest.useFakeTimers();
  let [total, looks] = [0, 0];
  const collections: number[] = [];
  releaseMemoryAtFirstRest({
    cpuMs: () => {
      total += cpuMsOfLooks[looks] ?? 100;
      looks += 1;
      return total;
    },
    collect: () => collections.push(looks - 1),
  });
  jest.advanceTimersByTime(60_000);
  return collections;
}

test("memory is given back at the first rest after work, and never again", () => {
  expect(collectionsAfter(0, 300, 300, 0, 0, 600, 0)).toEqual([3]);
});

test("memory is not given back while there is work, nor after little of it", () => {
  expect(collectionsAfter(0, 300, 300, 300, 20)).toEqual([]);
  expect(collectionsAfter(0, 450, 0, 0)).toEqual([]);
});

test("what V8 kept after work goes back to the system", async () => {
  const stop = releaseMemoryAtFirstRest();
  let garbage: object[] = [];
  for (let n = 0; n < 1_500_000; n += 1) garbage.push({ n });
  const before = process.memoryUsage().heapTotal;
  garbage = [];

  while (process.memoryUsage().heapTotal > before - 30e6) await sleep(50);
  stop();

  expect(garbage).toEqual([]);
});
