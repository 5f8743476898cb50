import { WireType } from "@bufbuild/protobuf/wire";

/** The bytes are not an encoded message; the message describes them. */
export class EncodingError extends Error {
  override readonly name = "EncodingError";
  /** True if some readers accept it. The service refuses anything that some of its readers could not read. */
  readonly isStricter: boolean;

  constructor(message: string, isStricter = false) {
    super(message);
    this.isStricter = isStricter;
  }
}

/** Largest last byte of the longest varint of each kind; a larger one would have too many bits. */
const [tagLastByteMax, lengthLastByteMax] = [0x0f, 0x07];

/** Length of the longest varint of 32 bits, and of 64. */
const [varint32BytesMax, varint64BytesMax] = [5, 10];

/** Walks encoded fields; throws an EncodingError where protoc's own parsers fail. Decodes only tags and lengths. */
export class WireCursor {
  readonly bytes: Uint8Array;
  at: number;
  /** Number of the current field. */
  number = 0;
  wireType = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  /** Reads the number and wire type of a field, in a message that ends at `end` or in a group within it. */
  tag(end: number, isInGroup = false): void {
    const tag = this.#varint32(end, tagLastByteMax, "tag");
    this.number = tag >>> 3;
    this.wireType = tag & 7;
    // Within a group upb skips it, but C++ and Go do not.
    if (this.number === 0) throw this.error("has a field of number 0", isInGroup);
    if (this.wireType > WireType.Bit32) throw this.error(`has a field of wire type ${this.wireType}`);
  }

  /** Reads a length; returns the end of the value. */
  valueEnd(end: number): number {
    const length = this.#varint32(end, lengthLastByteMax, "length");
    if (length > end - this.at) throw this.error("ends within a field");
    return this.at + length;
  }

  /** Skips the value of the current field, with up to this many nested groups. */
  skip(end: number, levels: number): void {
    switch (this.wireType) {
      case WireType.Varint:
        this.#skipVarint(end);
        return;
      case WireType.Bit64:
        this.#skipBytes(end, 8);
        return;
      case WireType.Bit32:
        this.#skipBytes(end, 4);
        return;
      case WireType.LengthDelimited:
        this.at = this.valueEnd(end);
        return;
      case WireType.StartGroup:
        this.#skipGroup(end, levels);
        return;
      default:
        throw this.error("ends a group that did not begin");
    }
  }

  error(what: string, isStricter = false): EncodingError {
    return new EncodingError(`it ${what}, at byte ${this.at}`, isStricter);
  }

  #skipVarint(end: number): void {
    for (let count = 1; count <= varint64BytesMax; count += 1) {
      const byte = this.#byte(end);
      if (byte >= 0x80) continue;
      // C++ drops bits above the 64th; Go and Rust refuse them.
      if (count === varint64BytesMax && byte > 1) throw this.error("has a number of more than 64 bits", true);
      return;
    }
    throw this.error("has a number of more than 10 bytes");
  }

  #skipBytes(end: number, bytes: number): void {
    if (bytes > end - this.at) throw this.error("ends within a field");
    this.at += bytes;
  }

  #skipGroup(end: number, levels: number): void {
    const { number } = this;
    if (levels <= 0) throw this.error("is nested too deep", true);
    for (;;) {
      this.tag(end, true);
      if (this.wireType === WireType.EndGroup) break;
      this.skip(end, levels - 1);
    }
    if (this.number !== number) throw this.error("ends another group than began");
  }

  #varint32(end: number, lastByteMax: number, what: string): number {
    let value = 0;
    for (let count = 1; count < varint32BytesMax; count += 1) {
      const byte = this.#byte(end);
      value |= (byte & 0x7f) << (7 * (count - 1));
      if (byte < 0x80) return value;
    }
    const last = this.#byte(end);
    if (last > lastByteMax) throw this.error(`has a ${what} of more than 32 bits`);
    return (value | (last << 28)) >>> 0;
  }

  #byte(end: number): number {
    if (this.at >= end) throw this.error("ends within a field");
    const byte = this.bytes[this.at] as number;
    this.at += 1;
    return byte;
  }
}
