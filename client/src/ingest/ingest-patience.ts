import { limits } from "../limits.ts";

/** Times that a sink is given, in milliseconds. */
export interface PatienceOptions {
  /** Without an acknowledgement, and without a word of the service that it serves. */
  readonly timeoutMs: number;
  /** Without any sign over a stream. */
  readonly silenceMs: number;
}

/**
 * Until when a sink waits, from the signs that come: a service that is slow says that it serves when it is asked, a dead one
 * does not. All times are on the monotonic clock.
 */
export class IngestPatience {
  readonly #options: PatienceOptions;
  /** The last acknowledgement, or the first event after there was none to wait for. */
  #progressMs = 0;
  /** The stream was begun. */
  #streamMs = 0;
  /** The last frame, or a connection that is new. */
  #signMs = 0;
  /** The service said that it serves. */
  #lifeMs = 0;
  /** It was asked. */
  #askedMs = 0;

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /** Events are acknowledged, or begin to wait. */
  progress(nowMs: number): void {
    this.#progressMs = nowMs;
  }

  streamBegun(nowMs: number): void {
    this.#streamMs = nowMs;
  }

  /** The connection carries something, or is new. */
  sign(nowMs: number): void {
    this.#signMs = nowMs;
  }

  asked(nowMs: number): void {
    this.#askedMs = nowMs;
  }

  life(nowMs: number): void {
    this.#lifeMs = nowMs;
  }

  /** For so long this process listened to nobody, being busy or stopped: nothing of it counts. */
  missed(ms: number): void {
    this.#progressMs += ms;
    this.#streamMs += ms;
    this.#signMs += ms;
    this.#lifeMs += ms;
    this.#askedMs += ms;
  }

  /** When to give the service up. One that lives gets more time, yet not for ever: it may be wedged. */
  get giveUpMs(): number {
    return Math.min(this.#deadMs, this.#wedgedMs);
  }

  /** It would be given up though it says that it serves. */
  get isWedged(): boolean {
    return this.#wedgedMs <= this.#deadMs;
  }

  /** When to leave the stream. That the service lives may be said by another one, behind a proxy that lost this stream's. */
  get silentMs(): number {
    const { silenceMs } = this.#options;
    const heardMs = Math.max(this.#progressMs, this.#streamMs, this.#signMs);
    return Math.min(Math.max(heardMs, this.#lifeMs) + silenceMs, heardMs + 2 * silenceMs);
  }

  /** When to ask the service whether it serves. */
  get askMs(): number {
    const everyMs = Math.min(limits.ingestAskMs, this.#options.timeoutMs / 4);
    return Math.max(this.#progressMs, this.#askedMs, this.#streamMs) + everyMs;
  }

  /** Nothing came over this connection for so long that the next stream should take another one. */
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
