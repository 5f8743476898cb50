/** Bytes before each message in gRPC's framing: a flag, and the length as four bytes. */
const prefixBytes = 5;

/** Below this share of the memory that it is a view of, a chunk counts as all of it. */
const wholeViewFactor = 8;

/** Is told of a message's length, of its flag (1: it is compressed), and whether it is here to its end. */
type OnBegin = (length: number, flag: number, isWhole: boolean) => void;

/** Finds where messages begin in the bytes of a call, however these are cut. */
export class MessageBegins {
  readonly #prefix = Buffer.alloc(prefixBytes);
  #prefixRead = 0;
  #left = 0;

  /** The call is within a message, or within what stands before it. */
  get isWithin(): boolean {
    return this.#left > 0 || this.#prefixRead > 0;
  }

  /** Takes the next bytes, and tells of each message that begins in them. */
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
 * Bytes of memory that a chunk keeps. It is a view of what was read from the socket at once, so a small one may keep much
 * more than it is long.
 */
export function keptBytes(chunk: Buffer): number {
  const { byteLength } = chunk.buffer;
  return chunk.length * wholeViewFactor < byteLength ? byteLength : chunk.length;
}
