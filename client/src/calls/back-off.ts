/** Growth of a back-off; `random` returns numbers in [0, 1). */
export interface BackOffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  readonly random?: () => number;
}

/**
 * Exponential back-off with full jitter: each delay is between 0 and a ceiling that doubles up to `maxMs`, so clients that
 * lost the same server do not return at the same moment.
 */
export class BackOff {
  readonly #options: Required<BackOffOptions>;
  #attempts = 0;

  constructor(options: BackOffOptions) {
    this.#options = { random: Math.random, ...options };
  }

  /** Returns the next delay in ms, at least `askedMs`, which the server asked for. */
  nextMs(askedMs = 0): number {
    const { firstMs, maxMs, random } = this.#options;
    const ceilingMs = Math.min(maxMs, firstMs * 2 ** this.#attempts);
    this.#attempts += 1;
    return askedMs + random() * ceilingMs;
  }

  /** Starts over with a short delay, after the server was reached. */
  reset(): void {
    this.#attempts = 0;
  }
}
