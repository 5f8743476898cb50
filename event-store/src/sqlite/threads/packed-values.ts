import type { EventFacts } from "../../domain/event.ts";

/**
 * Values in transit between threads, in three columns: copying them as objects costs more than storing them. They are
 * read in the order of packing.
 */
export interface PackedValues {
  /** Texts; frequent ones only once. */
  readonly texts: readonly string[];
  /** Numbers, indexes into `texts` and lengths in `bytes`. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** Concatenated parts. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Marks an undefined number. */
const nothing = Number.NaN;

/** Packs values; a text, labels and a part take one number each. */
export class Packer {
  readonly #texts: string[] = [];
  readonly #places = new Map<string, number>();
  readonly #numbers: Float64Array<ArrayBuffer>;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #at = 0;
  #end = 0;

  /** Reserves room for this many numbers and bytes of parts. */
  constructor(numbers: number, bytes: number) {
    this.#numbers = new Float64Array(numbers);
    this.#bytes = new Uint8Array(bytes);
  }

  number(value: number | undefined): void {
    this.#numbers[this.#at++] = value ?? nothing;
  }

  /** Packs a text that may repeat. */
  text(text: string): void {
    let place = this.#places.get(text);
    if (place === undefined) {
      place = this.#texts.push(text) - 1;
      this.#places.set(text, place);
    }
    this.#numbers[this.#at++] = place;
  }

  /** Packs a unique text. */
  textOnce(text: string): void {
    this.#numbers[this.#at++] = this.#texts.push(text) - 1;
  }

  labels(labels: EventFacts["labels"]): void {
    let text = "";
    for (const _ in labels) {
      text = JSON.stringify(labels);
      break;
    }
    this.text(text);
  }

  part(part: Uint8Array): void {
    this.#bytes.set(part, this.#end);
    this.#end += part.length;
    this.#numbers[this.#at++] = part.length;
  }

  get packed(): PackedValues {
    return { texts: this.#texts, numbers: this.#numbers, bytes: this.#bytes };
  }
}

/** Reads packed values; parts are views of the packed bytes. */
export class Unpacker {
  readonly #packed: PackedValues;
  #at = 0;
  #end = 0;

  constructor(packed: PackedValues) {
    this.#packed = packed;
  }

  number(): number {
    return this.#packed.numbers[this.#at++] as number;
  }

  /** Reads a number that may be undefined. */
  optionalNumber(): number | undefined {
    const number = this.number();
    return Number.isNaN(number) ? undefined : number;
  }

  text(): string {
    return this.#packed.texts[this.number()] as string;
  }

  labels(): EventFacts["labels"] {
    const text = this.text();
    return text === "" ? noLabels : JSON.parse(text);
  }

  part(): Uint8Array {
    const length = this.number();
    if (length === 0) return noBytes;
    this.#end += length;
    return new Uint8Array(this.#packed.bytes.buffer, this.#end - length, length);
  }
}

const noLabels: EventFacts["labels"] = {};
const noBytes = new Uint8Array();

/** Returns the total bytes of these events' parts. */
export function partsOf(
  events: readonly { readonly content: Uint8Array; readonly stamp: Uint8Array; readonly salt: Uint8Array }[],
): number {
  let bytes = 0;
  for (const { content, stamp, salt } of events) bytes += content.length + stamp.length + salt.length;
  return bytes;
}
