import { setTimeout as sleep } from "node:timers/promises";
import { ActivityEventsError } from "../activity-events-error.ts";
import { limits } from "../limits.ts";
import { BackOff } from "./back-off.ts";
import type { CallOptions } from "./unary-call.ts";

/**
 * Makes a call that may be repeated, and retries while the server is unavailable or asks for a delay, until the caller's time limit. Then
 * fails with the error of the last attempt. Appends may be repeated because every event has its id before the first attempt.
 */
export async function retryCall<Answer>(
  attempt: (options: CallOptions) => Promise<Answer>,
  { timeoutMs = limits.callTimeoutMs, signal }: CallOptions,
  mayRetry: (error: ActivityEventsError) => boolean = isWorthRetrying,
): Promise<Answer> {
  const endMs = performance.now() + timeoutMs;
  const backOff = new BackOff(limits.callBackOff);
  let refusal: ActivityEventsError | undefined;
  for (;;) {
    try {
      return await attempt({ timeoutMs: endMs - performance.now(), signal });
    } catch (error) {
      if (!(error instanceof ActivityEventsError)) throw error;
      // An earlier refusal says more than the last attempt's timeout.
      if (refusal !== undefined && error.code === "DEADLINE_EXCEEDED") throw refusal;
      if (!mayRetry(error)) throw error;
      refusal = error;
    }
    const delayMs = backOff.nextMs(refusal.retryDelayMs);
    if (performance.now() + delayMs >= endMs) throw refusal;
    await sleep(delayMs, undefined, { signal }).catch(() => {
      throw new ActivityEventsError({ code: "CANCELLED", message: "The call was given up." }, { cause: refusal });
    });
  }
}

/** Tells whether the server may do later what it did not do now. */
export function isWorthRetrying({ code, retryDelayMs }: ActivityEventsError): boolean {
  return code === "UNAVAILABLE" || (code === "RESOURCE_EXHAUSTED" && retryDelayMs !== undefined);
}
