import { Refusal } from "./refusal.ts";

/** Time by which a timer may fire too early on this clock, in ms. */
const timerSlackMs = 2;

const appendAdvice = "the call's events may be stored; retry, events with ids are stored only once";

/** Makes the refusal after waiting in vain, by the deadline that has passed; times in ms since 1970, infinite for none. */
export function timeUpRefusal(callerDeadlineMs: number, drainDeadlineMs: number, advice = appendAdvice): Refusal {
  const nowMs = Date.now() + timerSlackMs;
  if (nowMs >= callerDeadlineMs) return new Refusal("DEADLINE_PASSED", `the call's deadline passed; ${advice}`);
  const retry = { retryDelayMs: 1_000 };
  if (nowMs >= drainDeadlineMs) return new Refusal("DRAINING", `the service is stopping; ${advice}`, retry);
  return new Refusal("STORE_UNAVAILABLE", `the store did not answer in time; ${advice}`, retry);
}
