import { once } from "node:events";
import type { StandardStream } from "./standard-stream.ts";

/** Standard output: lines, written no faster than they are read. */
export class Output {
  /** Lines are for people: the output is a terminal. */
  readonly isTerminal: boolean;
  /**
   * Aborts when nothing more can be written: the reader has left, as `head` does when it has enough, or the disk is full.
   * Lines written after that go nowhere.
   */
  readonly closed: AbortSignal;
  readonly #stream: StandardStream;
  #failure: Error | undefined;

  constructor(stream: StandardStream) {
    const closing = new AbortController();
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") this.#failure ??= error;
      closing.abort();
    });
    this.#stream = stream;
    this.isTerminal = stream.isTTY === true;
    this.closed = closing.signal;
  }

  /** Writes one line and waits while the reader is behind. */
  async line(text: string): Promise<void> {
    if (this.closed.aborted || this.#stream.write(`${text}\n`)) return;
    await once(this.#stream, "drain", { signal: this.closed }).catch(() => {});
  }

  /** Writes a text of several lines. */
  text(text: string): void {
    if (!this.closed.aborted) this.#stream.write(text);
  }

  /** Something could not be written, though somebody wants it. */
  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** Waits until all is written; returns why it was not, if that is no reader's wish. */
  async failure(): Promise<Error | undefined> {
    await new Promise<void>((resolve) => this.#stream.write("", () => resolve()));
    return this.#failure;
  }
}
