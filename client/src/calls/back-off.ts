/** Growth of a back-off; `random` gives numbers from 0 to below 1. */
export interface BackOffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  readonly random?: () => number;
}

/**
 * Delays with full jitter: each one is anywhere between nothing and a ceiling that doubles up to `maxMs`, so that callers
 * who lost the same server do not come back at the same moment.
 */
export class BackOff {
  readonly #options: Required<BackOffOptions>;
  #attempts = 0;

  constructor(options: BackOffOptions) {
    this.#options = { random: Math.random, ...options };
  }

  /** The next delay in milliseconds; never shorter than what the server asked for. */
  nextMs(askedMs = 0): number {
    const { firstMs, maxMs, random } = this.#options;
    const ceilingMs = Math.min(maxMs, firstMs * 2 ** this.#attempts);
    this.#attempts += 1;
    return askedMs + random() * ceilingMs;
  }

  /** The server is there: the next delay is a short one again. */
  reset(): void {
    this.#attempts = 0;
  }
}
