import { once } from "node:events";
import type { StandardStream } from "./standard-stream.ts";

/** Writes lines to standard output, no faster than the reader takes them. */
export class Output {
  /** True if a person reads the output. */
  readonly isTerminal: boolean;
  /**
   * Aborts when the output takes no more: the reader has left, as `head` does, or the disk is full. Later lines are
   * dropped.
   */
  readonly closed: AbortSignal;
  readonly #stream: StandardStream;
  readonly #closing = new AbortController();
  #failure: Error | undefined;

  constructor(stream: StandardStream) {
    stream.on("error", (error: NodeJS.ErrnoException) => this.fail(error));
    this.#stream = stream;
    this.isTerminal = stream.isTTY === true;
    this.closed = this.#closing.signal;
  }

  /** Notes that a write failed, also one beside this object. */
  fail(error: NodeJS.ErrnoException): void {
    if (error.code !== "EPIPE") this.#failure ??= error;
    this.#closing.abort();
  }

  /** Width of the terminal in cells; 80 where it does not tell. */
  get width(): number {
    return this.#stream.columns || 80;
  }

  /** Writes one line; waits while the reader is behind. */
  async line(text: string): Promise<void> {
    if (this.closed.aborted || this.#stream.write(`${text}\n`)) return;
    await once(this.#stream, "drain", { signal: this.closed }).catch(() => {});
  }

  /** Writes a text of several lines. */
  text(text: string): void {
    if (!this.closed.aborted) this.#stream.write(text);
  }

  /** True if a write failed for another reason than a reader that left. */
  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** Waits for pending writes. Returns the error of a failed write, unless the reader left. */
  async failure(): Promise<Error | undefined> {
    await new Promise<void>((resolve) => this.#stream.write("", () => resolve()));
    return this.#failure;
  }
}
