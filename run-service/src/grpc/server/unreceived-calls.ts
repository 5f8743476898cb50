import { limits } from "../../limits.ts";

/** Interval between looks for calls whose time is over, in milliseconds. */
const lookIntervalMs = 1_000;

/** The calls whose request is on its way, so that none is waited for for ever. */
export class UnreceivedCalls<Call> {
  readonly #isLate: (call: Call) => void;
  /** Since when, in milliseconds of the monotonic clock; the oldest first. */
  readonly #sinceMs = new Map<Call, number>();
  #timer: NodeJS.Timeout | undefined;

  /** `isLate` is told once of each that has not been received in time. */
  constructor(isLate: (call: Call) => void) {
    this.#isLate = isLate;
  }

  /** Nothing changes for one that is here already. */
  add(call: Call): void {
    if (this.#sinceMs.has(call)) return;
    this.#sinceMs.set(call, performance.now());
    // One timer for all: a call lasts a fraction of a millisecond, mostly.
    this.#timer ??= setInterval(() => this.#look(), lookIntervalMs).unref();
  }

  delete(call: Call): void {
    this.#sinceMs.delete(call);
  }

  #look(): void {
    const lateMs = performance.now() - limits.receiveTimeMs;
    for (const [call, sinceMs] of this.#sinceMs) {
      if (sinceMs > lateMs) break;
      this.#sinceMs.delete(call);
      this.#isLate(call);
    }
    if (this.#sinceMs.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
