import type { DurationBucket } from "./metrics-report.ts";

const minuteUs = 60_000_000;
const hourUs = 60 * minuteUs;
const dayUs = 24 * hourUs;

/** Upper bounds of the buckets, in microseconds: steps that people name, each about twice the one before. */
const bounds: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * minuteUs),
  ...[1, 2, 4, 8].map((hours) => hours * hourUs),
  ...[1, 2, 4, 7, 14, 28].map((days) => days * dayUs),
];

/** Counts sorted durations by bucket. Always returns all buckets, in order, the one without a bound last. */
export function durationBuckets(sorted: ArrayLike<number>): DurationBucket[] {
  let next = 0;
  const buckets = bounds.map((upToUs): DurationBucket => {
    const first = next;
    while (next < sorted.length && (sorted[next] ?? 0) <= upToUs) next += 1;
    return { upToUs, count: next - first };
  });
  return [...buckets, { upToUs: null, count: sorted.length - next }];
}
