import { limits as storeLimits } from "@activity-events/event-store";
import type { CallBytes } from "../../application/call-bytes.ts";
import { Refusal } from "../../application/refusal.ts";
import { limits } from "../../limits.ts";
import { keptBytes, MessageBegins } from "./message-begins.ts";

interface ReceivedBytesOptions {
  readonly bytes: CallBytes;
  /** Bytes that are held for one of a request. */
  readonly weight: number;
  /** Bytes of a message that is not counted. */
  readonly freeBytesMax: number;
  /** The call sends many messages, each held until the next is asked for. */
  readonly hasMany: boolean;
}

/** Holds the bytes of a call's messages from the moment each begins, however HTTP/2 cuts them. */
export class ReceivedBytes {
  readonly #options: ReceivedBytesOptions;
  readonly #begins = new MessageBegins();
  /** Of the messages that have begun and have not been delivered: whether they are compressed. */
  readonly #compressed: boolean[] = [];
  /** Bytes that are held for the message that began last. */
  #held = 0;
  /** Memory that the part of it keeps which is here, and what is held for that beyond its length. */
  #kept = 0;
  #keptMore = 0;
  #delivered = 0;
  #begun = 0;

  constructor(options: ReceivedBytesOptions) {
    this.#options = options;
  }

  /** The call is within a message. */
  get isWithin(): boolean {
    return this.#begins.isWithin;
  }

  /** Number of messages that have begun. */
  get begun(): number {
    return this.#begun;
  }

  /**
   * Takes what came, and holds it and what is to come of its last message. Throws a Refusal when that is too much; where the
   * call sends many messages it answers how many bytes to wait for instead.
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
      // What is here already of a stream is within what it holds for HTTP/2's window.
      if (hasMany && isWhole) bytes.add(held);
      else if (!hasMany) bytes.hold(held);
      else if (!bytes.tryHold(held)) wanted = held;
    });
    this.#keep(chunk);
    return wanted;
  }

  /** A message is put together; answers whether it is compressed. */
  deliver(length: number): boolean {
    const { bytes, weight, hasMany } = this.#options;
    if (hasMany) this.#delivered += this.#bytesOf(length);
    else if (weight > 1) bytes.reserveForAnswer(length * (weight - 1));
    return this.#compressed.shift() ?? false;
  }

  /** The message delivered last is so many bytes longer once it is inflated. Answers how many of those held are kept for it. */
  grow(more: number): number {
    const { bytes, weight, hasMany } = this.#options;
    if (more <= 0) return 0;
    if (hasMany) this.#delivered += more * weight;
    else bytes.reserveForAnswer(more * (weight - 1));
    return more * weight;
  }

  /** Asks for the next message, once those before are taken. */
  next(): void {
    this.#options.bytes.give(this.#delivered);
    this.#delivered = 0;
  }

  #bytesOf(length: number): number {
    const { weight, freeBytesMax } = this.#options;
    // Beyond the largest grpc-js refuses it at once.
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
