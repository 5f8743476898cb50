/** Bytes before each message in gRPC's framing: a flag, and a length of four bytes. */
const prefixBytes = 5;

/** A chunk smaller than this share of its underlying memory counts as all of that memory. */
const wholeViewFactor = 8;

/** Receives a message's length, its flag (1 if compressed), and whether it is complete. */
type OnBegin = (length: number, flag: number, isWhole: boolean) => void;

/** Finds the starts of messages in the bytes of a call, however they are split. */
export class MessageBegins {
  readonly #prefix = Buffer.alloc(prefixBytes);
  #prefixRead = 0;
  #left = 0;

  /** True within a message or its prefix. */
  get isWithin(): boolean {
    return this.#left > 0 || this.#prefixRead > 0;
  }

  /** Takes the next bytes and reports each message that starts in them. */
  take(chunk: Buffer, onBegin: OnBegin): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, chunk.length - at);
        this.#left -= skipped;
        at += skipped;
        continue;
      }
      const copied = chunk.copy(this.#prefix, this.#prefixRead, at, at + prefixBytes - this.#prefixRead);
      this.#prefixRead += copied;
      at += copied;
      if (this.#prefixRead < prefixBytes) return;
      this.#prefixRead = 0;
      this.#left = this.#prefix.readUInt32BE(1);
      onBegin(this.#left, this.#prefix[0] as number, this.#left <= chunk.length - at);
    }
  }
}

/**
 * Returns the memory that a chunk keeps alive. It is a view of one read from the socket, so a small chunk may keep much
 * more than its length.
 */
export function keptBytes(chunk: Buffer): number {
  const { byteLength } = chunk.buffer;
  return chunk.length * wholeViewFactor < byteLength ? byteLength : chunk.length;
}
