import { expect, test } from "@jest/globals";
import { BackOff } from "../../src/calls/back-off.ts";

test("doubles the ceiling of its delays up to the greatest, and draws each delay from the whole range", () => {
  const drawn = [1, 1, 1, 1, 0.5, 0];
  const backOff = new BackOff({ firstMs: 100, maxMs: 500, random: () => drawn.shift() ?? 0 });

  const delays = Array.from({ length: 6 }, () => backOff.nextMs());

  expect(delays).toEqual([100, 200, 400, 500, 250, 0]);
});

test("begins anew after a reset", () => {
  const backOff = new BackOff({ firstMs: 100, maxMs: 500, random: () => 1 });
  backOff.nextMs();
  backOff.nextMs();

  backOff.reset();

  expect(backOff.nextMs()).toBe(100);
});

test("is never shorter than what the server asked for", () => {
  const backOff = new BackOff({ firstMs: 100, maxMs: 500, random: () => 0 });

  const delayMs = backOff.nextMs(3_000);

  expect(delayMs).toBe(3_000);
});
