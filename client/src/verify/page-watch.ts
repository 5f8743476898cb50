import { limits } from "../limits.ts";

/** Detects a list without an end: its pages repeat or stay empty. */
export class PageWatch {
  readonly #tokens = new Set<string>();
  #idlePages = 0;

  /** Returns the reason not to read the next page, if any. `isIdle` if the last page brought nothing new. */
  problem(nextPageToken: string, isIdle: boolean): string | undefined {
    if (nextPageToken === "") return undefined;
    if (this.#tokens.has(nextPageToken)) return "a page token came twice, so the list has no end";
    this.#tokens.add(nextPageToken);
    this.#idlePages = isIdle ? this.#idlePages + 1 : 0;
    if (this.#idlePages <= limits.verifyIdlePagesMax) return undefined;
    return `${this.#idlePages} pages in a row brought nothing new, and the list does not end`;
  }
}
