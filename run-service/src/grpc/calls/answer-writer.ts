import type { Writable } from "node:stream";
import type { CallBytes } from "../../application/call-bytes.ts";

/** Overhead of a waiting message, in bytes. */
const messageOverheadBytes = 256;

interface AnswerWriterOptions {
  readonly bytes: CallBytes;
  /** Aborted when the messages are no longer needed. */
  readonly signal: AbortSignal;
  /** Unsent bytes above which no further message is written. */
  readonly unreadBytesMax: number;
}

/** Writes the messages of a call. Counts each until the wire has taken it, and limits the unsent bytes. */
export class AnswerWriter {
  readonly #raw: Writable;
  readonly #options: AnswerWriterOptions;
  #wake: (() => void) | undefined;

  constructor(raw: Writable, options: AnswerWriterOptions) {
    this.#raw = raw;
    this.#options = options;
    options.signal.addEventListener("abort", () => this.#wake?.());
  }

  /** Writes a message; resolves when the next may be written, or the call is over. */
  write(message: Buffer): Promise<void> | undefined {
    const { bytes, signal } = this.#options;
    const held = message.length + messageOverheadBytes;
    bytes.answer(held);
    this.#raw.write(message, () => {
      bytes.taken(held);
      if (!this.#isFull) this.#wake?.();
    });
    if (!this.#isFull || signal.aborted) return undefined;
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  get #isFull(): boolean {
    const { bytes, unreadBytesMax } = this.#options;
    return bytes.unread > unreadBytesMax;
  }
}
