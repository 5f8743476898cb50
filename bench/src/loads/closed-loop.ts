import { setTimeout as sleep } from "node:timers/promises";
import type { RoundOfLoad } from "./load.ts";

interface ClosedLoopOptions {
  /** Number of concurrent operations. */
  readonly inFlight: number;
  readonly ms: number;
  /** Least time between the starts of two operations that follow each other, in ms. */
  readonly everyMs?: number | undefined;
  readonly operation: () => Promise<void>;
}

/** Runs a number of operations concurrently for a time, each followed by the next, and waits for the last ones. */
export async function closedLoop({ inFlight, ms, everyMs = 0, operation }: ClosedLoopOptions): Promise<RoundOfLoad> {
  const latenciesMs: number[] = [];
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      let sent = performance.now();
      while (sent - begun < ms) {
        await operation();
        const answered = performance.now();
        latenciesMs.push(answered - sent);
        const restMs = sent + everyMs - answered;
        if (restMs > 0) await sleep(restMs);
        sent = restMs > 0 ? performance.now() : answered;
      }
    }),
  );
  return { operations: latenciesMs.length, elapsedMs: performance.now() - begun, latenciesMs };
}
