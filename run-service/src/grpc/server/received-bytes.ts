import { limits as storeLimits } from "@activity-events/event-store";
import type { CallBytes } from "../../application/call-bytes.ts";
import { Refusal } from "../../application/refusal.ts";
import { limits } from "../../limits.ts";
import { keptBytes, MessageBegins } from "./message-begins.ts";

interface ReceivedBytesOptions {
  readonly bytes: CallBytes;
  /** Bytes to hold per byte of a request. */
  readonly weight: number;
  /** Bytes of a message that are not counted. */
  readonly freeBytesMax: number;
  /** True for a streaming call: each message is held until the next is requested. */
  readonly hasMany: boolean;
}

/** Counts the bytes of a call's messages from their start, however HTTP/2 splits them. */
export class ReceivedBytes {
  readonly #options: ReceivedBytesOptions;
  readonly #begins = new MessageBegins();
  /** Compression flags of messages that have started but are not delivered. */
  readonly #compressed: boolean[] = [];
  /** Bytes held for the last started message. */
  #held = 0;
  /** Memory kept by the received part of the message, and the bytes held for it beyond its length. */
  #kept = 0;
  #keptMore = 0;
  #delivered = 0;
  #begun = 0;

  constructor(options: ReceivedBytesOptions) {
    this.#options = options;
  }

  /** True within a message. */
  get isWithin(): boolean {
    return this.#begins.isWithin;
  }

  /** Number of started messages. */
  get begun(): number {
    return this.#begun;
  }

  /**
   * Counts a received chunk and the rest of its last message. Throws a Refusal at the limit; for a streaming call
   * returns the number of bytes to wait for instead.
   */
  take(chunk: Buffer): number {
    const { bytes, hasMany } = this.#options;
    let wanted = 0;
    this.#begins.take(chunk, (length, flag, isWhole) => {
      if (flag > 1) throw unknownFlag(flag);
      this.#begun += 1;
      this.#compressed.push(flag === 1);
      const held = this.#bytesOf(length);
      this.#held = held;
      // The received part of a stream is covered by what it holds for HTTP/2's window.
      if (hasMany && isWhole) bytes.add(held);
      else if (!hasMany) bytes.hold(held);
      else if (!bytes.tryHold(held)) wanted = held;
    });
    this.#keep(chunk);
    return wanted;
  }

  /** Marks a message as assembled; returns whether it is compressed. */
  deliver(length: number): boolean {
    const { bytes, weight, hasMany } = this.#options;
    if (hasMany) this.#delivered += this.#bytesOf(length);
    else if (weight > 1) bytes.reserveForAnswer(length * (weight - 1));
    return this.#compressed.shift() ?? false;
  }

  /** Adds the growth of the last message by inflation. Returns the bytes held for it. */
  grow(more: number): number {
    const { bytes, weight, hasMany } = this.#options;
    if (more <= 0) return 0;
    if (hasMany) this.#delivered += more * weight;
    else bytes.reserveForAnswer(more * (weight - 1));
    return more * weight;
  }

  /** Releases earlier messages when the next is requested. */
  next(): void {
    this.#options.bytes.give(this.#delivered);
    this.#delivered = 0;
  }

  #bytesOf(length: number): number {
    const { weight, freeBytesMax } = this.#options;
    // grpc-js refuses larger messages at once.
    return length <= freeBytesMax || length > storeLimits.requestBytesMax ? 0 : length * weight;
  }

  #keep(chunk: Buffer): void {
    const { bytes } = this.#options;
    if (!this.#begins.isWithin) {
      bytes.give(this.#keptMore);
      this.#kept = 0;
      this.#keptMore = 0;
      return;
    }
    this.#kept += keptBytes(chunk);
    const more = this.#kept - this.#held - this.#keptMore;
    if (more <= limits.streamWindowBytes) return;
    bytes.hold(more);
    this.#keptMore += more;
  }
}

function unknownFlag(flag: number): Refusal {
  return new Refusal("REQUEST_UNREADABLE", `a message of the request has flag ${flag}, which gRPC does not know`);
}
