import { limits } from "../limits.ts";

/** Messages that a page may still send: a token bucket. */
export class RequestAllowance {
  #left: number = limits.requestsBurst;
  #filledMs = performance.now();

  /** Takes one; returns false if there is none. */
  take(): boolean {
    const now = performance.now();
    const gained = ((now - this.#filledMs) / 1_000) * limits.requestsPerSecond;
    this.#left = Math.min(limits.requestsBurst, this.#left + gained);
    this.#filledMs = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
