/** Delay after the first failure, in ms. */
const firstMs = 500;
/** Longest delay, in ms: a service that is back is found within half a minute, and a tab in front asks at once. */
const longestMs = 30_000;

/**
 * Returns the delay before the next attempt to connect, in ms: doubled after each failure in a row, and spread over half of it, so
 * that the pages that one server lost do not come back all at once. `random` is 0 to 1.
 */
export function reconnectDelayMs(failures: number, random: number): number {
  const delayMs = Math.min(longestMs, firstMs * 2 ** Math.max(0, failures - 1));
  return delayMs / 2 + (random * delayMs) / 2;
}
