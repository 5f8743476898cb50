import type { Writable } from "node:stream";
import type { CallBytes } from "../../application/call-bytes.ts";

/** Bytes that a message costs beside its own while it waits to be taken. */
const messageOverheadBytes = 256;

interface AnswerWriterOptions {
  readonly bytes: CallBytes;
  /** Aborted when nobody wants the messages any more. */
  readonly signal: AbortSignal;
  /** Bytes that the wire has not taken, above which no further message is written. */
  readonly unreadBytesMax: number;
}

/** Writes the messages of a call, each held until the wire has taken it, and no more at a time than the wire may have. */
export class AnswerWriter {
  readonly #raw: Writable;
  readonly #options: AnswerWriterOptions;
  #wake: (() => void) | undefined;

  constructor(raw: Writable, options: AnswerWriterOptions) {
    this.#raw = raw;
    this.#options = options;
    options.signal.addEventListener("abort", () => this.#wake?.());
  }

  /** Writes a message; resolves when the next may be written, or nobody wants it. */
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
