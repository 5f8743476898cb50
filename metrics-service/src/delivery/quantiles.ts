import type { DurationQuantiles } from "./metrics-report.ts";

/**
 * Returns median and 90th percentile by nearest rank: the least value such that at least this share of all values is
 * not greater. `PERCENTILE_DISC` of SQL is the same.
 */
export function quantilesOf(sorted: ArrayLike<number>): DurationQuantiles {
  const count = sorted.length;
  // Whole numbers only: 0.9 has no exact binary form.
  const medianUs = sorted[Math.ceil(count / 2) - 1] ?? null;
  const p90Us = sorted[Math.ceil((count * 9) / 10) - 1] ?? null;
  return { medianUs, p90Us };
}
