/** Returns the time in whole microseconds since 1970. */
export type Clock = () => number;

/**
 * Makes a clock with microseconds: the system's milliseconds, refined by the monotonic clock. It resynchronizes when
 * the two differ by more than two milliseconds (after a step, or drift of a long run).
 */
export function systemClock(): Clock {
  let offsetUs = offsetNow();
  return () => {
    const refinedUs = performance.now() * 1_000 + offsetUs;
    if (Math.abs(refinedUs - Date.now() * 1_000) > 2_000) {
      offsetUs = offsetNow();
      return Math.floor(performance.now() * 1_000 + offsetUs);
    }
    return Math.floor(refinedUs);
  };
}

function offsetNow(): number {
  return (Date.now() - performance.now()) * 1_000;
}
