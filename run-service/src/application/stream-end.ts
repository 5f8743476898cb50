/** Reason for the service itself to end a stream. */
export type GoawayReason = "max_age" | "draining";

/**
 * When a stream that begins now has reached its age, on the monotonic clock: at 91 to 100 % of the setting, so that not all
 * end at once. `random` gives a number from 0 to 1.
 */
export function streamEndMs(streamMaxAgeMs: number, random: () => number): number {
  return performance.now() + streamMaxAgeMs * (0.91 + 0.09 * random());
}

/** Delay before the client opens the next stream: none, unless the service stops. */
export function goawayDelayMs(reason: GoawayReason): number {
  return reason === "draining" ? 1_000 : 0;
}
