/** Lines that are recorded at once, and each second from then on: a person reads no more, and the service has others, too. */
export const burstLinesMax = 500;
export const linesASecond = 20;
/** Events that may wait for the service; beyond that, no line is recorded. In bytes this is at most 40 MB. */
export const waitingLinesMax = 5_000;

/** Decides which lines of a command's output are recorded, and counts those that are not. */
export class OutputAllowance {
  #tokens = burstLinesMax;
  #refilledMs: number;
  #leftOut = 0;

  /** All times are ms on the monotonic clock. */
  constructor(nowMs: number) {
    this.#refilledMs = nowMs;
  }

  /** Tells whether a line is recorded. */
  allows(nowMs: number, waiting: number): boolean {
    this.#tokens = Math.min(burstLinesMax, this.#tokens + ((nowMs - this.#refilledMs) / 1_000) * linesASecond);
    this.#refilledMs = nowMs;
    if (this.#tokens < 1 || waiting >= waitingLinesMax) {
      this.#leftOut += 1;
      return false;
    }
    this.#tokens -= 1;
    return true;
  }

  /** Returns the number of lines left out since the last call. */
  takeLeftOut(): number {
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    return leftOut;
  }
}
