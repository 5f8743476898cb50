import { expect, test } from "@jest/globals";
import { burstLinesMax, linesASecond, OutputAllowance, waitingLinesMax } from "../../src/run/output-allowance.ts";

const allowed = (allowance: OutputAllowance, count: number, nowMs: number, waiting = 0) =>
  Array.from({ length: count }, () => allowance.allows(nowMs, waiting)).filter(Boolean).length;

test("allows many lines at once, then so many a second, and counts the others", () => {
  const allowance = new OutputAllowance(0);

  expect(allowed(allowance, burstLinesMax + 100, 0)).toBe(burstLinesMax);
  expect(allowance.takeLeftOut()).toBe(100);
  expect(allowed(allowance, 1_000, 1_000)).toBe(linesASecond);
  expect(allowance.takeLeftOut()).toBe(1_000 - linesASecond);
  expect(allowance.takeLeftOut()).toBe(0);
  expect(allowed(allowance, 10_000, 3_600_000)).toBe(burstLinesMax);
});

test("allows none while too many wait for the service", () => {
  expect(allowed(new OutputAllowance(0), 10, 0, waitingLinesMax)).toBe(0);
});
