import { setTimeout as sleep } from "node:timers/promises";
import { InterruptedError } from "./failures.ts";

/** Waits; throws `InterruptedError` as soon as the signal is aborted, also when that was before. */
export async function pause(timeMs: number, signal: AbortSignal): Promise<void> {
  await sleep(timeMs, undefined, { signal }).catch(() => {
    throw new InterruptedError("it was interrupted");
  });
}
