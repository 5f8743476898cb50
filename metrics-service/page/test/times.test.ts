import { expect, test } from "@jest/globals";
import { ServerClock } from "../src/live/server-clock.ts";
import { formatAge, formatDuration, formatElapsed } from "../src/time/format-duration.ts";
import { microsecondsOf, millisecondsOf } from "../src/time/microseconds.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

test.each([
  [0, "0 ms"],
  [120, "120 ms"],
  [1_000, "1 s"],
  [1_250, "1.2 s"],
  [38_400, "38 s"],
  [4 * minuteMs + 12_000, "4 m 12 s"],
  [4 * minuteMs, "4 m"],
  [3 * hourMs + 5 * minuteMs, "3 h 5 m"],
  [2 * dayMs + 4 * hourMs, "2 d 4 h"],
  [-1_500, "1.5 s"],
])("writes a duration of %d ms as %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test("writes elapsed time in whole seconds, and none below zero", () => {
  expect(formatElapsed(999)).toBe("0 s");
  expect(formatElapsed(-dayMs)).toBe("0 s");
  expect(formatElapsed(minuteMs + 1_000)).toBe("1 m 1 s");
});

test.each([
  [-dayMs, "just now"],
  [4_999, "just now"],
  [12_000, "12 s ago"],
  [40 * minuteMs, "40 min ago"],
  [3 * hourMs, "3 h ago"],
  [dayMs, "1 day ago"],
  [9 * dayMs + hourMs, "9 days ago"],
])("writes an age of %d ms as %s", (ms, text) => {
  expect(formatAge(ms)).toBe(text);
});

test("reads times of the wire to the microsecond", () => {
  expect(microsecondsOf("2026-11-28T12:00:00.123456789Z")).toBe(Date.UTC(2026, 10, 28, 12) * 1_000 + 123_456);
  expect(microsecondsOf("2026-11-28T12:00:00.5Z")).toBe(Date.UTC(2026, 10, 28, 12) * 1_000 + 500_000);
  expect(microsecondsOf("1969-12-31T23:59:59.75Z")).toBe(-250_000);
  expect(millisecondsOf("1970-01-01T00:00:01Z")).toBe(1_000);
});

test("takes what is no time for unknown", () => {
  expect(microsecondsOf(undefined)).toBeUndefined();
  expect(microsecondsOf("yesterday")).toBeUndefined();
});

test("goes by the server's clock and a monotonic one, whatever the browser's says", () => {
  let monotonicMs = 5_000;
  const clock = new ServerClock(
    () => Date.UTC(2026, 10, 27),
    () => monotonicMs,
  );
  expect(clock.nowMs()).toBe(Date.UTC(2026, 10, 27));

  clock.set("2026-11-28T00:00:00Z");
  monotonicMs += 1_500;

  expect(clock.nowMs()).toBe(Date.UTC(2026, 10, 28) + 1_500);
});

test("keeps its time when the server tells none", () => {
  const clock = new ServerClock(
    () => 1_000,
    () => 0,
  );

  clock.set("soon");

  expect(clock.nowMs()).toBe(1_000);
});
