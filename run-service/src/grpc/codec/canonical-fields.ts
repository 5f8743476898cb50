import { isUtf8 } from "node:buffer";

/** Tag of the highest field number. A larger one, truncated to 32 bits, would be another field's. */
const tagMax = 2 ** 32 - 1;

/**
 * Walks the fields of an encoded message while they are in our encoder's canonical form: ascending numbers, shortest
 * varints, no zero values. Stops at any other form.
 */
export class CanonicalFields {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;
  #isCanonical = true;
  /** Number of the current field. */
  number = 0;
  /** True if the value has a length; otherwise it is a varint. */
  hasLength = false;
  /** Value of a varint, or length of the value in bytes. */
  value = 0;
  /** Offsets of the field's tag, its value, and the end of both. */
  start = 0;
  valueStart = 0;
  end: number;

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.end = start;
  }

  /** True if the walk reached the end and everything was canonical. */
  get isComplete(): boolean {
    return this.#isCanonical && this.end === this.#end;
  }

  /** Moves to the next field; returns false at the end or at another form. */
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

  /** Returns the value as text; undefined if it is not UTF-8. */
  text(): string | undefined {
    if (this.#isAscii()) return this.#bytes.toString("latin1", this.valueStart, this.end);
    return this.isText() ? this.#bytes.toString("utf8", this.valueStart, this.end) : undefined;
  }

  /** Copies the whole field into its own buffer. */
  copy(): Uint8Array {
    return new Uint8Array(this.#bytes.subarray(this.start, this.end));
  }

  /** Walks the fields of the message in the value. */
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

  /** Reads the next varint if it is as short as possible and below 2^42; otherwise returns -1. */
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
