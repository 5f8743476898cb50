import { once } from "node:events";
import type { Writable } from "node:stream";

/** Standard output: lines, written no faster than they are read. */
export class Output {
  /** Lines are for people: the output is a terminal. */
  readonly isTerminal: boolean;
  /** Aborts when the reader has left, as `head` does when it has enough. Lines written after that go nowhere. */
  readonly closed: AbortSignal;
  readonly #stream: Writable;

  constructor(stream: Writable & { readonly isTTY?: boolean }) {
    const closing = new AbortController();
    stream.on("error", () => closing.abort());
    this.#stream = stream;
    this.isTerminal = stream.isTTY === true;
    this.closed = closing.signal;
  }

  /** Writes one line and waits while the reader is behind. */
  async line(text: string): Promise<void> {
    if (this.closed.aborted || this.#stream.write(`${text}\n`)) return;
    await once(this.#stream, "drain", { signal: this.closed }).catch(() => {});
  }
}
