import { expect, test } from "@jest/globals";
import { reconnectDelayMs } from "../src/live/reconnect-delay.ts";

test("doubles after each failure, up to half a minute", () => {
  const longest = [1, 2, 3, 7, 100].map((failures) => reconnectDelayMs(failures, 1));

  expect(longest).toEqual([500, 1_000, 2_000, 30_000, 30_000]);
});

test("spreads over the second half of the delay", () => {
  expect(reconnectDelayMs(3, 0)).toBe(1_000);
  expect(reconnectDelayMs(3, 0.5)).toBe(1_500);
});
