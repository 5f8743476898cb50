import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { systemClock } from "../src/clock.ts";

describe("systemClock", () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** Puts the system's clock and the monotonic one where the test wants them, in milliseconds. */
  const setClocks = (systemMs: number, monotonicMs: number) => {
    jest.spyOn(Date, "now").mockReturnValue(systemMs);
    jest.spyOn(performance, "now").mockReturnValue(monotonicMs);
  };

  test("tells whole microseconds, near the system's time", () => {
    const clock = systemClock();

    for (let n = 0; n < 1_000; n += 1) {
      const beforeMs = Date.now();
      const timeUs = clock();
      expect(Number.isSafeInteger(timeUs)).toBe(true);
      expect(timeUs / 1_000).toBeGreaterThan(beforeMs - 3);
      expect(timeUs / 1_000).toBeLessThan(Date.now() + 4);
    }
  });

  test("tells more than the system's milliseconds", () => {
    setClocks(1_000_000, 50);
    const clock = systemClock();

    setClocks(1_000_000, 50.123);
    const timeUs = clock();

    expect(timeUs).toBe(1_000_000_123);
  });

  test.each([
    ["forward", 3_600_000],
    ["back", -3_600_000],
  ])("follows the system's clock when it is set %s", (_, stepMs) => {
    setClocks(10_000_000, 50);
    const clock = systemClock();

    setClocks(10_000_000 + stepMs, 51);
    const atOnce = clock();
    setClocks(10_000_000 + stepMs + 1, 52.5);
    const later = clock();

    expect(atOnce).toBe((10_000_000 + stepMs) * 1_000);
    expect(later).toBe((10_000_000 + stepMs) * 1_000 + 1_500);
  });

  test("does not follow the system's clock within two milliseconds, which is how coarse it is", () => {
    setClocks(1_000_000, 50);
    const clock = systemClock();

    setClocks(1_000_001, 50.2);
    const timeUs = clock();

    expect(timeUs).toBe(1_000_000_200);
  });
});
