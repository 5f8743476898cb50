import type { Logger } from "pino";

/** Least time between two lines, in ms: anybody can be refused as often as they like. */
const intervalMs = 10_000;

/** Logs requests that were refused for who asks, or under which name: one every ten seconds, with how many were not logged. */
export class RefusalLog {
  readonly #logger: Logger;
  #lastMs = Number.NEGATIVE_INFINITY;
  #unlogged = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  note(path: string, why: Readonly<Record<string, unknown>>): void {
    const now = performance.now();
    if (now - this.#lastMs < intervalMs) {
      this.#unlogged += 1;
      return;
    }
    this.#logger.warn({ code: "REQUEST_REFUSED", path, ...why, unlogged: this.#unlogged }, "refused a request");
    this.#lastMs = now;
    this.#unlogged = 0;
  }
}
