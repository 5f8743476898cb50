import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { limits } from "../src/limits.ts";
import { EventRun, numbersOf } from "../src/sqlite/rows/event-run.ts";

function runOf(firstSequence: number, numbers: readonly number[]): EventRun {
  const run = new EventRun(firstSequence);
  for (const number of numbers) run.add(number);
  return run;
}

const noRun = new Uint8Array();
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
  run?.add(1_000_001);

  expect(run).toMatchObject({ firstSequence: 65, lastNumber: 1_000_001 });
  expect(numbersOf(run?.bytes ?? noRun)).toEqual([300, 301, 1_000_000, 1_000_001]);
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
  run?.add(limits.sqliteRunEvents);
  expect(run?.isFull).toBe(true);
});

test.each([
  ["that end in a number", [1, 0x81]],
  ["with a number twice", [1, 0]],
  ["with the number 0", [0]],
  ["with a number beyond all", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
])("knows bytes %s for none that it wrote", (_, bytes) => {
  expect(numbersOf(Uint8Array.from(bytes))).toBeUndefined();
  expect(EventRun.stored(70, Uint8Array.from(bytes))).toBeUndefined();
});

test("knows a run with more events than there are sequences for none that it wrote", () => {
  expect(EventRun.stored(2, runOf(1, [1, 2, 3]).bytes)).toBeUndefined();
});
