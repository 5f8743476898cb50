import { setTimeout as sleep } from "node:timers/promises";
import { InterruptedError } from "./failures.ts";

/** Waits. Throws `InterruptedError` if the signal aborts, or is already aborted. */
export async function pause(timeMs: number, signal: AbortSignal): Promise<void> {
  await sleep(timeMs, undefined, { signal }).catch(() => {
    throw new InterruptedError("it was interrupted");
  });
}
