import { limits } from "../../limits.ts";

/**
 * Successive events of one deployment, as their numbers. An event's position in its run gives its sequence, so no
 * sequence can be missing or repeated.
 */
export class EventRun {
  /** Sequence of the first event of the run. */
  readonly firstSequence: number;
  #length = 0;
  #lastNumber = 0;
  /** Numbers as differences to the previous one, in groups of seven bits, lowest first, with spare room. */
  #room: Uint8Array = noBytes;
  #size = 0;

  constructor(firstSequence: number) {
    this.firstSequence = firstSequence;
  }

  /** Parses a stored run whose last event has this sequence; undefined if it was never stored as a run. */
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

  /** Number of the last event; 0 without events. */
  get lastNumber(): number {
    return this.#lastNumber;
  }

  get isFull(): boolean {
    return this.#length >= limits.sqliteRunEvents;
  }

  /** Stored form. */
  get bytes(): Uint8Array {
    return this.#room.subarray(0, this.#size);
  }

  /** Adds an event; its number must be above those of the run. */
  add(number: number): void {
    let distance = number - this.#lastNumber;
    this.#makeRoom();
    // No bit operators, because a number may have more than their 32 bits.
    for (; distance >= 0x80; distance = Math.floor(distance / 0x80)) {
      this.#room[this.#size++] = 0x80 | (distance % 0x80);
    }
    this.#room[this.#size++] = distance;
    this.#length += 1;
    this.#lastNumber = number;
  }

  /** Room for one more number of any length. */
  #makeRoom(): void {
    if (this.#room.length - this.#size >= numberBytesMax) return;
    const room = new Uint8Array(2 * this.#size + numberBytesMax);
    room.set(this.bytes);
    this.#room = room;
  }
}

const noBytes = new Uint8Array(0);

/** Length of a safe integer in groups of seven bits. */
const numberBytesMax = 8;

/**
 * Decodes the numbers of a run's events, in order of their sequences; undefined if they do not increase or the last is
 * truncated.
 */
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
