/** Reason for the service to end a stream. */
export type GoawayReason = "max_age" | "draining" | "credentials";

/** Calls back when any of the signals is aborted. Returns a function that stops it. */
export function onAbort(signals: readonly AbortSignal[], callback: () => void): () => void {
  for (const signal of signals) signal.addEventListener("abort", callback);
  return () => {
    for (const signal of signals) signal.removeEventListener("abort", callback);
  };
}

/**
 * Returns the end of a new stream, on the monotonic clock: at 91 to 100 % of the setting, so that not all end at once.
 * `random` returns a number from 0 to 1.
 */
export function streamEndMs(streamMaxAgeMs: number, random: () => number): number {
  return performance.now() + streamMaxAgeMs * (0.91 + 0.09 * random());
}

/** Returns the delay before the client opens the next stream: 0 unless the service stops. */
export function goawayDelayMs(reason: GoawayReason): number {
  return reason === "draining" ? 1_000 : 0;
}
