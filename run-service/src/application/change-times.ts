import { StoreFaultError } from "@activity-events/event-store";
import { limits } from "../limits.ts";
import { timeUpRefusal } from "./time-up.ts";

interface ChangeBounds {
  /** In ms since 1970; infinite if the caller set none. */
  readonly callerDeadlineMs: number;
  /** Longest time, in ms. */
  readonly timeMs: number;
  /** Advice for a caller whose time was up. */
  readonly advice?: string;
}

/** Bounds changes of the store in time: by the caller's deadline, a limit, and 5 s after the service starts to drain. */
export class ChangeTimes {
  /** Functions that end the waits of pending changes. */
  readonly #waits = new Set<() => void>();
  #drainDeadlineMs = Number.POSITIVE_INFINITY;

  /** Makes a change by its deadline in ms since 1970. Throws a Refusal when time is up, and the change's own error. */
  async within<T>(bounds: ChangeBounds, change: (deadlineMs: number) => Promise<T>): Promise<T> {
    const { callerDeadlineMs, timeMs, advice } = bounds;
    const deadlineMs = Math.min(callerDeadlineMs, Date.now() + timeMs, this.#drainDeadlineMs);
    const timeUp = () => timeUpRefusal(callerDeadlineMs, this.#drainDeadlineMs, advice);
    const answer = Promise.withResolvers<T>();
    const endWait = () => answer.reject(timeUp());
    const timer = setTimeout(endWait, Math.max(0, deadlineMs - Date.now()));
    this.#waits.add(endWait);
    try {
      change(deadlineMs).then(answer.resolve, answer.reject);
      return await answer.promise;
    } catch (error) {
      throw error instanceof StoreFaultError && error.reason === "DEADLINE_PASSED" ? timeUp() : error;
    } finally {
      clearTimeout(timer);
      this.#waits.delete(endWait);
    }
  }

  /** Limits each change to 5 s from now. */
  drain(): void {
    this.#drainDeadlineMs = Date.now() + limits.drainAppendTimeMs;
    setTimeout(() => {
      for (const endWait of this.#waits) endWait();
    }, limits.drainAppendTimeMs).unref();
  }
}
