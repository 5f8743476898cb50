/** Tells the time in whole microseconds since 1970. */
export type Clock = () => number;

/**
 * The system's clock with microseconds: its milliseconds, refined by the monotonic clock, which is set again by the
 * system's whenever the two are more than two milliseconds apart (a step, or the drift of a long run).
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
