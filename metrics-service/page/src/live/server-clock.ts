/**
 * The server's clock, from the last time that it told. Goes by a monotonic clock, so neither a wrong clock of the browser nor
 * one that is set while the page is open matters. Before the server has told a time it is the browser's.
 */
export class ServerClock {
  readonly #monotonicMs: () => number;
  #offsetMs: number;

  constructor(browserMs: () => number = () => Date.now(), monotonicMs: () => number = () => performance.now()) {
    this.#monotonicMs = monotonicMs;
    this.#offsetMs = browserMs() - monotonicMs();
  }

  /** Takes over a time that the server just told, RFC 3339. Ignores what is no time. */
  set(serverTime: string): void {
    const serverMs = Date.parse(serverTime);
    if (!Number.isNaN(serverMs)) this.#offsetMs = serverMs - this.#monotonicMs();
  }

  /** Now, in ms since 1970. */
  nowMs(): number {
    return this.#offsetMs + this.#monotonicMs();
  }
}
