import {
  type Append,
  type Appended,
  type AppendOptions,
  type EventStore,
  StoreFaultError,
} from "@activity-events/event-store";
import { limits } from "../limits.ts";
import type { Poker } from "./poker.ts";
import type { Refusal } from "./refusal.ts";
import { type FieldOf, refusalOf } from "./refusal-of.ts";
import { timeUpRefusal } from "./time-up.ts";

/** Deadline and signal of the recording call. */
export interface RecordOptions {
  /** In ms since 1970; infinite if the caller set none. */
  readonly callerDeadlineMs: number;
  /** Aborted when the caller has given up. */
  readonly signal: AbortSignal;
  readonly fieldOf: FieldOf;
}

/** Records events within a time limit: the caller's deadline, 10 s, and 5 s after the service starts to drain. */
export class EventRecorder {
  readonly #store: EventStore;
  readonly #poker: Poker;
  /** Functions that end the waits of pending calls. */
  readonly #waits = new Set<() => void>();
  #drainDeadlineMs = Number.POSITIVE_INFINITY;

  constructor(store: EventStore, poker: Poker) {
    this.#store = store;
    this.#poker = poker;
  }

  /** Resolves when the events are stored, with results in request order. Throws a Refusal. */
  async record(append: Append, options: RecordOptions): Promise<readonly Appended[]> {
    const { callerDeadlineMs, signal, fieldOf } = options;
    const deadlineMs = Math.min(callerDeadlineMs, Date.now() + limits.appendTimeMs, this.#drainDeadlineMs);
    const answer = Promise.withResolvers<readonly Appended[]>();
    const endWait = () => answer.reject(this.#timeUpRefusal(callerDeadlineMs));
    const timer = setTimeout(endWait, Math.max(0, deadlineMs - Date.now()));
    this.#waits.add(endWait);
    try {
      this.#append(append, { deadlineMs, signal }).then(answer.resolve, answer.reject);
      return await answer.promise;
    } catch (error) {
      const isTimeUp = error instanceof StoreFaultError && error.reason === "DEADLINE_PASSED";
      throw isTimeUp ? this.#timeUpRefusal(callerDeadlineMs) : refusalOf(error, fieldOf);
    } finally {
      clearTimeout(timer);
      this.#waits.delete(endWait);
    }
  }

  // The poke follows the commit even if the caller no longer waits.
  async #append(append: Append, options: AppendOptions): Promise<readonly Appended[]> {
    const appended = await this.#store.append(append, options);
    if (appended.some(({ duplicate }) => !duplicate)) this.#poker.poke(append.deploymentId);
    return appended;
  }

  /** Limits each append to 5 s from now. */
  drain(): void {
    this.#drainDeadlineMs = Date.now() + limits.drainAppendTimeMs;
    setTimeout(() => {
      for (const endWait of this.#waits) endWait();
    }, limits.drainAppendTimeMs).unref();
  }

  #timeUpRefusal(callerDeadlineMs: number): Refusal {
    return timeUpRefusal(callerDeadlineMs, this.#drainDeadlineMs);
  }
}
