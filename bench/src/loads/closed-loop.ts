import type { RoundOfLoad } from "./load.ts";

interface ClosedLoopOptions {
  /** Number of concurrent operations. */
  readonly inFlight: number;
  readonly ms: number;
  readonly operation: () => Promise<void>;
}

/** Runs a number of operations concurrently for a time, each followed by the next, and waits for the last ones. */
export async function closedLoop({ inFlight, ms, operation }: ClosedLoopOptions): Promise<RoundOfLoad> {
  const latenciesMs: number[] = [];
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      let sent = performance.now();
      while (sent - begun < ms) {
        await operation();
        const answered = performance.now();
        latenciesMs.push(answered - sent);
        sent = answered;
      }
    }),
  );
  return { operations: latenciesMs.length, elapsedMs: performance.now() - begun, latenciesMs };
}
