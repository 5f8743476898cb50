import { limits } from "../limits.ts";

/** Time limits of a sink, in ms. */
export interface PatienceOptions {
  /** Longest time without an acknowledgement and without a report of SERVING. */
  readonly timeoutMs: number;
  /** Longest silence of a stream. */
  readonly silenceMs: number;
}

/**
 * Computes how long a sink waits, from the signs of life: a slow service answers a health check, a dead one does not. All
 * times are on the monotonic clock.
 */
export class IngestPatience {
  readonly #options: PatienceOptions;
  /** Time of the last acknowledgement, or of the first event after an idle time. */
  #progressMs = 0;
  /** Start of the stream. */
  #streamMs = 0;
  /** Time of the last frame or of a new connection. */
  #signMs = 0;
  /** Time of the last report of SERVING. */
  #lifeMs = 0;
  /** Time of the last health check. */
  #askedMs = 0;

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /** Notes an acknowledgement, or a first waiting event. */
  progress(nowMs: number): void {
    this.#progressMs = nowMs;
  }

  streamBegun(nowMs: number): void {
    this.#streamMs = nowMs;
  }

  /** Notes a frame or a new connection. */
  sign(nowMs: number): void {
    this.#signMs = nowMs;
  }

  asked(nowMs: number): void {
    this.#askedMs = nowMs;
  }

  life(nowMs: number): void {
    this.#lifeMs = nowMs;
  }

  /** Excludes a time during which this process was busy or stopped. */
  missed(ms: number): void {
    this.#progressMs += ms;
    this.#streamMs += ms;
    this.#signMs += ms;
    this.#lifeMs += ms;
    this.#askedMs += ms;
  }

  /** Time to give up the service. A serving one gets longer, but not for ever: it may be wedged. */
  get giveUpMs(): number {
    return Math.min(this.#deadMs, this.#wedgedMs);
  }

  /** True if the service is given up although it reports SERVING. */
  get isWedged(): boolean {
    return this.#wedgedMs <= this.#deadMs;
  }

  /** Time to leave the stream. Behind a proxy another instance may answer the health check, so that does not extend it. */
  get silentMs(): number {
    const { silenceMs } = this.#options;
    const heardMs = Math.max(this.#progressMs, this.#streamMs, this.#signMs);
    return Math.min(Math.max(heardMs, this.#lifeMs) + silenceMs, heardMs + 2 * silenceMs);
  }

  /** Time of the next health check. */
  get askMs(): number {
    const everyMs = Math.min(limits.ingestAskMs, this.#options.timeoutMs / 4);
    return Math.max(this.#progressMs, this.#askedMs, this.#streamMs) + everyMs;
  }

  /** True if the connection was silent for so long that the next stream should use another one. */
  isQuiet(nowMs: number): boolean {
    return nowMs >= Math.max(this.#signMs, this.#progressMs) + this.#options.silenceMs;
  }

  get #deadMs(): number {
    return Math.max(this.#progressMs, this.#lifeMs) + this.#options.timeoutMs;
  }

  get #wedgedMs(): number {
    return this.#progressMs + this.#options.timeoutMs * limits.ingestSlowTimeouts;
  }
}
