import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { limits } from "../src/limits.ts";
import { EventRun, numbersOf } from "../src/sqlite/event-run.ts";

function runOf(firstSequence: number, numbers: readonly number[]): EventRun {
  const run = new EventRun(firstSequence);
  for (const number of numbers) run.add(number);
  return run;
}

const range = (length: number) => Array.from({ length }, (_, place) => place + 1);

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

test("goes on where it was when it was stored", () => {
  const before = runOf(65, [300, 301, 1_000_000]);

  const run = EventRun.stored(67, before.bytes);
  run.add(1_000_001);

  expect(run).toMatchObject({ firstSequence: 65, lastNumber: 1_000_001 });
  expect(numbersOf(run.bytes)).toEqual([300, 301, 1_000_000, 1_000_001]);
  expect(numbersOf(before.bytes)).toEqual([300, 301, 1_000_000]);
});

test("is full with so many events as the limit says", () => {
  const numbers = range(limits.sqliteRunEvents);

  expect(runOf(1, numbers.slice(1)).isFull).toBe(false);
  expect(runOf(1, numbers).isFull).toBe(true);
});

test("counts the events that it had when it was stored", () => {
  const run = EventRun.stored(limits.sqliteRunEvents - 1, runOf(1, range(limits.sqliteRunEvents - 1)).bytes);

  expect(run).toMatchObject({ firstSequence: 1, isFull: false });
  run.add(limits.sqliteRunEvents);
  expect(run.isFull).toBe(true);
});
