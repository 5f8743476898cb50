import { WireType } from "@bufbuild/protobuf/wire";

// Below this length a loop is faster than a native call.
const shortText = 24;

/** Initial size of a writer's buffer, and the largest that is kept for reuse, in bytes. */
const [bufferBytes, bufferBytesMax] = [65_536, 1_048_576];

/** Free buffers: one, unless writers are nested. */
const idleBuffers: Buffer[] = [];

/**
 * Writes encoded fields into a growing buffer, much cheaper than the library's writer, because it supports only
 * integers and plain ASCII. Writers reuse the buffer and copy the result, so an answer keeps no more memory than its
 * length.
 */
export class WireWriter {
  #bytes: Buffer;
  #at = 0;

  constructor(buffer = idleBuffers.pop() ?? Buffer.allocUnsafeSlow(bufferBytes)) {
    this.#bytes = buffer;
  }

  /** Writes the tag of a field with a length, which must follow. */
  lengthTag(number: number): this {
    return this.varint((number << 3) | WireType.LengthDelimited);
  }

  /** Writes an integer field, 0 to 2^53. */
  number(number: number, value: number): this {
    return this.varint((number << 3) | WireType.Varint).varint(value);
  }

  /** Writes an ASCII text field. */
  ascii(number: number, text: string): this {
    const { length } = text;
    this.lengthTag(number).varint(length);
    this.#reserve(length);
    if (length > shortText) this.#bytes.write(text, this.#at, "latin1");
    else for (let index = 0; index < length; index += 1) this.#bytes[this.#at + index] = text.charCodeAt(index);
    this.#at += length;
    return this;
  }

  /** Writes a field of bytes or of an encoded message. */
  bytes(number: number, bytes: Uint8Array): this {
    return this.lengthTag(number).varint(bytes.length).raw(bytes);
  }

  /** Writes encoded fields. */
  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  /** Writes a message field that `write` fills. */
  message(number: number, write: () => void): this {
    this.lengthTag(number);
    const start = this.#at;
    write();
    const length = this.#at - start;
    const prefix = varintSize(length);
    this.#reserve(prefix);
    this.#bytes.copyWithin(start + prefix, start, this.#at);
    this.#at = start;
    this.varint(length);
    this.#at += length;
    return this;
  }

  varint(value: number): this {
    this.#reserve(8);
    let rest = value;
    while (rest > 0x7fff_ffff) {
      this.#bytes[this.#at] = (rest % 128) | 0x80;
      this.#at += 1;
      rest = Math.floor(rest / 128);
    }
    while (rest > 0x7f) {
      this.#bytes[this.#at] = (rest & 0x7f) | 0x80;
      this.#at += 1;
      rest >>>= 7;
    }
    this.#bytes[this.#at] = rest;
    this.#at += 1;
    return this;
  }

  /** Returns the written bytes; do not use the writer afterwards. */
  finish(): Buffer {
    const written = Buffer.allocUnsafe(this.#at);
    this.#bytes.copy(written, 0, 0, this.#at);
    if (this.#bytes.length <= bufferBytesMax) idleBuffers.push(this.#bytes);
    return written;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, this.#at + bytes));
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
  }
}

/** Returns the length of a varint, in bytes. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) size += 1;
  return size;
}
