import type { DescMessage } from "@bufbuild/protobuf";

/** Shape of a message: returns the shape of the message in a field, by number; undefined if the field holds no message. */
type Shape = (number: number) => Shape | undefined;

/** Most levels of groups and messages, as in protoc's parsers. */
const levelsMax = 100;

/**
 * Throws if protoc's own parsers refuse an encoded message that the library accepts: the library truncates lengths to
 * 32 bits, and skips the content of unknown fields and groups. The service refuses such events to its readers, so they
 * do not belong on the topic either.
 */
export function checkFields(message: DescMessage, bytes: Uint8Array): void {
  new FieldCheck(bytes).message(shapeOf(message), bytes.length, levelsMax);
}

function shapeOf(message: DescMessage): Shape {
  return (number) => {
    const field = message.fields.find((candidate) => candidate.number === number);
    if (field === undefined) return undefined;
    if (field.fieldKind === "map") return entryShape(field.mapKind === "message" ? field.message : undefined);
    return "message" in field && field.message !== undefined ? shapeOf(field.message) : undefined;
  };
}

/** Shape of a map entry: a message with a key, 1, and a value, 2. */
function entryShape(value: DescMessage | undefined): Shape {
  return (number) => (number === 2 && value !== undefined ? shapeOf(value) : undefined);
}

class FieldCheck {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  message(shape: Shape, end: number, levels: number): void {
    while (this.#at < end) this.#value(this.#tag(), shape, end, levels);
    if (this.#at > end) throw this.#error("a field that ends outside of its message");
  }

  #tag(): { readonly number: number; readonly wireType: number } {
    const tag = this.#varint(32);
    return { number: Math.floor(tag / 8), wireType: tag % 8 };
  }

  #value({ number, wireType }: { number: number; wireType: number }, shape: Shape, end: number, levels: number): void {
    if (number === 0 || levels === 0) throw this.#error("a field of number 0, or nested too deep");
    if (wireType === 0) this.#varint(64);
    else if (wireType === 1) this.#at += 8;
    else if (wireType === 5) this.#at += 4;
    else if (wireType === 2) this.#delimited(shape(number), end, levels);
    else if (wireType === 3) this.#group(number, end, levels);
    else throw this.#error(`a field of wire type ${wireType}`);
  }

  #delimited(shape: Shape | undefined, end: number, levels: number): void {
    const length = this.#varint(31);
    const valueEnd = this.#at + length;
    if (valueEnd > end) throw this.#error("a field that ends outside of its message");
    if (shape === undefined) this.#at = valueEnd;
    else this.message(shape, valueEnd, levels - 1);
  }

  #group(number: number, end: number, levels: number): void {
    for (let tag = this.#tag(); tag.wireType !== 4; tag = this.#tag())
      this.#value(tag, () => undefined, end, levels - 1);
    if (this.#at > end) throw this.#error(`group ${number}, which ends outside of its message`);
  }

  /** Reads a varint of at most so many bits. */
  #varint(bits: 31 | 32 | 64): number {
    let value = 0;
    for (let shift = 0; shift < bits; shift += 7) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw this.#error("a number that is cut off");
      if (shift + 7 > bits && (byte & 0x7f) >= 2 ** (bits - shift)) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw this.#error(`a number of more than ${bits} bits`);
  }

  #error(what: string): Error {
    return new Error(`the event's bytes hold ${what}, before byte ${this.#at}`);
  }
}
