import { limits } from "../limits.ts";

/** Finds a list that has no end: its pages come again, or bring nothing. */
export class PageWatch {
  readonly #tokens = new Set<string>();
  #idlePages = 0;

  /** In words, why the next page is not to be asked for; undefined: it may be. `isIdle`: the last one brought nothing new. */
  problem(nextPageToken: string, isIdle: boolean): string | undefined {
    if (nextPageToken === "") return undefined;
    if (this.#tokens.has(nextPageToken)) return "a page token came twice, so the list has no end";
    this.#tokens.add(nextPageToken);
    this.#idlePages = isIdle ? this.#idlePages + 1 : 0;
    if (this.#idlePages <= limits.verifyIdlePagesMax) return undefined;
    return `${this.#idlePages} pages in a row brought nothing new, and there are said to be more`;
  }
}
