import { isUtf8 } from "node:buffer";

/** The tag of the highest number: with more it would be another field's, were it cut to 32 bits. */
const tagMax = 2 ** 32 - 1;

/**
 * Walks the fields of an encoded message as long as they are in the one order and form in which our encoder writes them:
 * ascending numbers, the shortest varints, no number that is 0. What is in another form is not read.
 */
export class CanonicalFields {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;
  #isCanonical = true;
  /** The field that `next` came to. */
  number = 0;
  /** It has a length; else it is a varint. */
  hasLength = false;
  /** The value of a varint; how many bytes a value with a length has. */
  value = 0;
  /** Offsets of the field's tag, of its value, and of the end of both. */
  start = 0;
  valueStart = 0;
  end: number;

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.end = start;
  }

  /** The walk has come to the end, and all was in the canonical form. */
  get isComplete(): boolean {
    return this.#isCanonical && this.end === this.#end;
  }

  /** Goes to the next field; false at the end, and where the form is another one. */
  next(): boolean {
    this.#at = this.end;
    this.start = this.end;
    if (this.#at >= this.#end) return false;
    const tag = this.#varint();
    if (tag > tagMax) return this.#stop();
    const wireType = tag & 7;
    const number = tag >>> 3;
    if (tag < 0 || (wireType !== 0 && wireType !== 2) || number <= this.number) return this.#stop();
    this.number = number;
    this.hasLength = wireType === 2;
    this.value = this.#varint();
    this.valueStart = this.#at;
    this.end = this.hasLength ? this.#at + this.value : this.#at;
    if (this.value < 0 || (this.value === 0 && !this.hasLength) || this.end > this.#end) return this.#stop();
    return true;
  }

  /** The value as text, or undefined when it is no UTF-8. */
  text(): string | undefined {
    if (this.#isAscii()) return this.#bytes.toString("latin1", this.valueStart, this.end);
    return this.isText() ? this.#bytes.toString("utf8", this.valueStart, this.end) : undefined;
  }

  /** The whole field, in a buffer of its own. */
  copy(): Uint8Array {
    return new Uint8Array(this.#bytes.subarray(this.start, this.end));
  }

  /** The fields of the message that is the value. */
  inside(): CanonicalFields {
    return new CanonicalFields(this.#bytes, this.valueStart, this.end);
  }

  /** Tells whether the value is UTF-8. */
  isText(): boolean {
    return this.#isAscii() || isUtf8(this.#bytes.subarray(this.valueStart, this.end));
  }

  #isAscii(): boolean {
    const bytes = this.#bytes;
    for (let at = this.valueStart; at < this.end; at += 1) if ((bytes[at] as number) > 0x7f) return false;
    return true;
  }

  #stop(): false {
    this.#isCanonical = false;
    return false;
  }

  /** The next varint if it is written as short as can be and below 2^42; else -1. */
  #varint(): number {
    const bytes = this.#bytes;
    let value = 0;
    let factor = 1;
    for (let count = 1; count <= 6 && this.#at < this.#end; count += 1) {
      const byte = bytes[this.#at] as number;
      this.#at += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return byte === 0 && count > 1 ? -1 : value;
      factor *= 128;
    }
    return -1;
  }
}
