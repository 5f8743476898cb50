import { limits } from "../limits.ts";

/**
 * Events of one deployment that follow one another, as the numbers by which they are kept. An event's place in its run is
 * its sequence, so a sequence can be neither missing nor there twice.
 */
export interface EventRun {
  /** The sequence of the first event of the run. */
  readonly firstSequence: number;
  readonly length: number;
  readonly lastNumber: number;
  /** Each number as its distance from the one before, in groups of seven bits, the lowest first. */
  readonly bytes: Uint8Array;
}

const noBytes = new Uint8Array(0);

export function emptyRun(firstSequence: number): EventRun {
  return { firstSequence, length: 0, lastNumber: 0, bytes: noBytes };
}

export function isFull({ length }: EventRun): boolean {
  return length >= limits.sqliteRunEvents;
}

/** The run with one more event, whose number is above those of the run. */
export function extendRun({ firstSequence, length, lastNumber, bytes }: EventRun, number: number): EventRun {
  let distance = number - lastNumber;
  const size = bytes.length + sizeOf(distance);
  const extended = new Uint8Array(size);
  extended.set(bytes);
  let at = bytes.length;
  // No bit operators: a number may be longer than their 32 bits.
  for (; distance >= 0x80; distance = Math.floor(distance / 0x80)) extended[at++] = 0x80 | (distance % 0x80);
  extended[at] = distance;
  return { firstSequence, length: length + 1, lastNumber: number, bytes: extended };
}

/** The run whose last event has this sequence, as it is stored. */
export function storedRun(lastSequence: number, bytes: Uint8Array): EventRun {
  const numbers = numbersOf(bytes);
  return {
    firstSequence: lastSequence - numbers.length + 1,
    length: numbers.length,
    lastNumber: numbers.at(-1) ?? 0,
    bytes,
  };
}

/** The numbers of a run's events, in the order of their sequences. */
export function numbersOf(bytes: Uint8Array): number[] {
  const numbers: number[] = [];
  let number = 0;
  let weight = 1;
  for (const byte of bytes) {
    number += (byte % 0x80) * weight;
    weight *= 0x80;
    if (byte >= 0x80) continue;
    numbers.push(number);
    weight = 1;
  }
  return numbers;
}

function sizeOf(distance: number): number {
  let size = 1;
  for (let left = distance; left >= 0x80; left = Math.floor(left / 0x80)) size += 1;
  return size;
}
