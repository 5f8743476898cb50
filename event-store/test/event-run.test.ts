import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { limits } from "../src/limits.ts";
import { emptyRun, extendRun, isFull, numbersOf, storedRun } from "../src/sqlite/event-run.ts";

const runOf = (firstSequence: number, numbers: readonly number[]) => numbers.reduce(extendRun, emptyRun(firstSequence));

test("gives back the numbers of any events, in their order", () => {
  const numbers = fc
    .uniqueArray(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), { maxLength: limits.sqliteRunEvents })
    .map((any) => any.toSorted((a, b) => a - b));

  fc.assert(
    fc.property(numbers, (all) => {
      expect(numbersOf(runOf(1, all).bytes)).toEqual(all);
    }),
  );
});

test.each([1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32, 2 ** 32 + 5, Number.MAX_SAFE_INTEGER])(
  "takes event number %d",
  (number) => {
    expect(numbersOf(runOf(1, [number]).bytes)).toEqual([number]);
  },
);

test("is the same run after it was stored", () => {
  const run = runOf(65, [300, 301, 1_000_000]);

  expect(storedRun(67, run.bytes)).toEqual(run);
});

test("is full with so many events as the limit says", () => {
  const numbers = Array.from({ length: limits.sqliteRunEvents }, (_, place) => place + 1);

  expect(isFull(runOf(1, numbers.slice(1)))).toBe(false);
  expect(isFull(runOf(1, numbers))).toBe(true);
});
