import type { DescField, DescMessage } from "@bufbuild/protobuf";

/** Numbers from 0 to below `max`, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): (max: number) => number {
  let state = seed;
  return (max) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * max);
  };
}

/** Makes encoded messages that are right for the most part, and wrong at the edges of what an encoding may be. */
export class OddEncodings {
  readonly #random: (max: number) => number;
  /** One record in so many is odd. */
  #oddity = 12;

  constructor(random: (max: number) => number) {
    this.#random = random;
  }

  /** A message of this type with some fields, known and unknown. */
  message(desc: DescMessage): Buffer {
    this.#oddity = this.#pick([3, 12, 40]);
    const bytes = this.#fields(desc, 4);
    return this.#isOdd() ? this.#damage(bytes) : bytes;
  }

  /** Records to stand before or behind others in a message of this type. */
  records(desc: DescMessage): Buffer {
    this.#oddity = this.#pick([2, 6, 20]);
    return this.#fields(desc, 2);
  }

  #fields(desc: DescMessage, levels: number): Buffer {
    const records = Array.from({ length: this.#random(5) }, () => {
      const known = this.#random(3) > 0 ? desc.fields[this.#random(desc.fields.length)] : undefined;
      return known === undefined ? this.#unknown(levels) : this.#known(known, levels);
    });
    return Buffer.concat(records);
  }

  #known(field: DescField, levels: number): Buffer {
    if (this.#isOdd()) return this.#record(field.number, this.#random(8), levels);
    const message = field.message ?? undefined;
    if (message !== undefined && field.fieldKind !== "map") {
      const inside = levels > 0 ? this.#fields(message, levels - 1) : Buffer.alloc(0);
      return Buffer.concat([this.#tag(field.number, 2), this.#delimited(inside)]);
    }
    if (field.fieldKind === "map")
      return Buffer.concat([this.#tag(field.number, 2), this.#delimited(this.#entry(field, levels))]);
    const isText = field.fieldKind === "scalar" && field.scalar === 9;
    if (isText) return Buffer.concat([this.#tag(field.number, 2), this.#delimited(this.#text())]);
    const isDouble = field.fieldKind === "scalar" && field.scalar === 1;
    return this.#record(field.number, isDouble ? 1 : 0, levels);
  }

  #entry(field: DescField & { fieldKind: "map" }, levels: number): Buffer {
    const key = Buffer.concat([this.#tag(1, 2), this.#delimited(this.#text())]);
    const inside = field.mapKind === "message" && levels > 0 ? this.#fields(field.message, levels - 1) : this.#text();
    const value = Buffer.concat([this.#tag(2, 2), this.#delimited(inside)]);
    return Buffer.concat(this.#pick([[key, value], [value, key], [key], [key, value, this.#unknown(0)], []]));
  }

  #unknown(levels: number): Buffer {
    return this.#record(this.#pick([21, 60, 99, 1_000, 2 ** 29 - 1]), this.#pick([0, 1, 2, 3, 5]), levels);
  }

  #record(number: number, wireType: number, levels: number): Buffer {
    return Buffer.concat([this.#tag(number, wireType), this.#value(number, wireType, levels)]);
  }

  #value(number: number, wireType: number, levels: number): Buffer {
    switch (wireType) {
      case 0:
        return this.#varint(this.#pick([0n, 1n, 127n, 128n, 2n ** 31n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n]), 10);
      case 1:
        return Buffer.alloc(8, this.#random(256));
      case 2:
        return this.#delimited(this.#text());
      case 3: {
        const inside = levels > 0 ? this.#unknownRecords(levels - 1) : Buffer.alloc(0);
        const end = this.#isOdd() ? this.#pick([number + 1, number, 0]) : number;
        return Buffer.concat([inside, this.#isOdd() ? Buffer.alloc(0) : this.#tag(end, 4)]);
      }
      case 5:
        return Buffer.alloc(4, this.#random(256));
      default:
        return Buffer.alloc(0);
    }
  }

  #unknownRecords(levels: number): Buffer {
    return Buffer.concat(Array.from({ length: this.#random(3) }, () => this.#unknown(levels)));
  }

  #tag(number: number, wireType: number): Buffer {
    const beyond = this.#isOdd() ? this.#pick([2n ** 32n, 2n ** 35n, 2n ** 42n, 2n ** 63n, 0n]) : 0n;
    const odd = this.#isOdd() ? this.#pick([0, number, 2 ** 29]) : number;
    return this.#varint((BigInt(odd) << 3n) + BigInt(wireType) + beyond, 5);
  }

  /** Behind its length, which may be wrong. */
  #delimited(bytes: Buffer): Buffer {
    const wrong = this.#pick([1n, -1n, 2n ** 28n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n, 2n ** 63n]);
    const length = BigInt.asUintN(64, BigInt(bytes.length) + (this.#isOdd() ? wrong : 0n));
    return Buffer.concat([this.#varint(length, 5), bytes]);
  }

  /** A varint; an odd one is longer than need be, up to or beyond what is allowed, or has bits that nobody has room for. */
  #varint(value: bigint, bytesMax: number): Buffer {
    const bytes: number[] = [];
    for (let rest = value; rest > 0n || bytes.length === 0; rest >>= 7n) bytes.push(Number(rest & 0x7fn));
    if (this.#isOdd()) {
      const length = this.#pick([bytes.length + 1, bytesMax - 1, bytesMax, bytesMax + 1, 10, 11]);
      while (bytes.length < length) bytes.push(0);
      if (this.#isOdd()) bytes[bytes.length - 1] = this.#pick([1, 2, 7, 8, 15, 16, 127]);
    }
    return Buffer.from(bytes.map((byte, index) => (index < bytes.length - 1 ? byte | 0x80 : byte)));
  }

  #text(): Buffer {
    if (!this.#isOdd()) return Buffer.from(this.#pick(["", "a", "release-42", "ü", "😀", "x".repeat(40), "\0"]));
    const odd = ["ff", "c080", "eda080", "f4908080", "c3", "e282", "f09f98", "efbfbf", "f48fbfbf", "edb080"];
    return Buffer.from(this.#pick(odd), "hex");
  }

  #damage(bytes: Buffer): Buffer {
    if (bytes.length === 0) return bytes;
    const damaged = Buffer.from(bytes);
    damaged[this.#random(bytes.length)] = this.#pick([0, 0x7f, 0x80, 0xff, this.#random(256)]);
    return this.#isOdd() ? damaged.subarray(0, this.#random(bytes.length)) : damaged;
  }

  #isOdd(): boolean {
    return this.#random(this.#oddity) === 0;
  }

  #pick<Value>(values: readonly Value[]): Value {
    return values[this.#random(values.length)] as Value;
  }
}
