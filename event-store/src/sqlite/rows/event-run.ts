import { limits } from "../../limits.ts";

/**
 * Events of one deployment that follow one another, as the numbers by which they are kept. An event's place in its run is
 * its sequence, so a sequence can be neither missing nor there twice.
 */
export class EventRun {
  /** The sequence of the first event of the run. */
  readonly firstSequence: number;
  #length = 0;
  #lastNumber = 0;
  /** Each number as its distance from the one before, in groups of seven bits, the lowest first; and room for more. */
  #room: Uint8Array = noBytes;
  #size = 0;

  constructor(firstSequence: number) {
    this.firstSequence = firstSequence;
  }

  /** The run whose last event has this sequence, as it is stored; undefined: no run was ever stored so. */
  static stored(lastSequence: number, bytes: Uint8Array): EventRun | undefined {
    const numbers = numbersOf(bytes);
    if (numbers === undefined || numbers.length > lastSequence) return undefined;
    const run = new EventRun(lastSequence - numbers.length + 1);
    run.#length = numbers.length;
    run.#lastNumber = numbers.at(-1) ?? 0;
    run.#room = bytes;
    run.#size = bytes.length;
    return run;
  }

  /** 0: there is no event. */
  get lastNumber(): number {
    return this.#lastNumber;
  }

  get isFull(): boolean {
    return this.#length >= limits.sqliteRunEvents;
  }

  /** As it is stored. */
  get bytes(): Uint8Array {
    return this.#room.subarray(0, this.#size);
  }

  /** Adds an event, whose number is above those of the run. */
  add(number: number): void {
    let distance = number - this.#lastNumber;
    this.#makeRoom();
    // No bit operators: a number may be longer than their 32 bits.
    for (; distance >= 0x80; distance = Math.floor(distance / 0x80)) {
      this.#room[this.#size++] = 0x80 | (distance % 0x80);
    }
    this.#room[this.#size++] = distance;
    this.#length += 1;
    this.#lastNumber = number;
  }

  /** For one more number, however long. */
  #makeRoom(): void {
    if (this.#room.length - this.#size >= numberBytesMax) return;
    const room = new Uint8Array(2 * this.#size + numberBytesMax);
    room.set(this.bytes);
    this.#room = room;
  }
}

const noBytes = new Uint8Array(0);

/** Of a safe integer in groups of seven bits. */
const numberBytesMax = 8;

/** The numbers of a run's events, in the order of their sequences; undefined: they do not rise, or the last is cut off. */
export function numbersOf(bytes: Uint8Array): number[] | undefined {
  const numbers: number[] = [];
  let number = 0;
  let weight = 1;
  for (const byte of bytes) {
    number += (byte % 0x80) * weight;
    weight *= 0x80;
    if (byte >= 0x80) continue;
    if (number <= (numbers.at(-1) ?? 0)) return undefined;
    numbers.push(number);
    weight = 1;
  }
  return weight === 1 && Number.isSafeInteger(number) ? numbers : undefined;
}
