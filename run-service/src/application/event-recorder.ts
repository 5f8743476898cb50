import type { Append, Appended, AppendOptions, EventStore } from "@activity-events/event-store";
import { limits } from "../limits.ts";
import { ChangeTimes } from "./change-times.ts";
import type { Poker } from "./poker.ts";
import { type FieldOf, refusalOf } from "./refusal-of.ts";

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
  readonly #times = new ChangeTimes();

  constructor(store: EventStore, poker: Poker) {
    this.#store = store;
    this.#poker = poker;
  }

  /** Resolves when the events are stored, with results in request order. Throws a Refusal. */
  async record(append: Append, options: RecordOptions): Promise<readonly Appended[]> {
    const { callerDeadlineMs, signal, fieldOf } = options;
    try {
      return await this.#times.within({ callerDeadlineMs, timeMs: limits.appendTimeMs }, (deadlineMs) =>
        this.#append(append, { deadlineMs, signal }),
      );
    } catch (error) {
      throw refusalOf(error, fieldOf);
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
    this.#times.drain();
  }
}
