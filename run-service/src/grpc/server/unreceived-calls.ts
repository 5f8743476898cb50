import { limits } from "../../limits.ts";

/** Interval of checks for late calls, in ms. */
const lookIntervalMs = 1_000;

/** Tracks calls whose request is arriving, so that none waits for ever. */
export class UnreceivedCalls<Call> {
  readonly #isLate: (call: Call) => void;
  /** Start of each wait, in ms of the monotonic clock; oldest first. */
  readonly #sinceMs = new Map<Call, number>();
  #timer: NodeJS.Timeout | undefined;

  /** `isLate` is called once for each request that is late. */
  constructor(isLate: (call: Call) => void) {
    this.#isLate = isLate;
  }

  /** Does not restart the time of a known call. */
  add(call: Call): void {
    if (this.#sinceMs.has(call)) return;
    this.#sinceMs.set(call, performance.now());
    // One timer for all, because most calls last a fraction of a millisecond.
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
