import type { Head } from "../live/head.ts";
import { millisecondsOf } from "../time/microseconds.ts";

/** Returns the median duration of successes, in ms; undefined if none has one. */
export function usualDurationMs(successes: readonly Head[]): number | undefined {
  const durations = successes
    .map(durationMs)
    .filter((duration) => duration !== undefined)
    .sort((one, other) => one - other);
  const middle = durations.length >> 1;
  const upper = durations[middle];
  const lower = durations.length % 2 === 0 ? durations[middle - 1] : upper;
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}

/** Returns how long a deployment took from start to finish, in ms; undefined if either is unknown. */
export function durationMs({ startTime, finishTime }: Head): number | undefined {
  const start = millisecondsOf(startTime);
  const finish = millisecondsOf(finishTime);
  return start === undefined || finish === undefined ? undefined : finish - start;
}
