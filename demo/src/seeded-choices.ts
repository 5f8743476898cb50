/** Choices that the same seed repeats. */
export interface SeededChoices {
  /** Returns a number from 0 to below 1. */
  fraction(): number;
  /** Returns an integer from min to max, inclusive. */
  between(min: number, max: number): number;
  /** Returns true with this probability. */
  happens(probability: number): boolean;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
  /** Returns lower-case hexadecimal digits. */
  hex(digits: number): string;
}

/** Makes the choices of a seed; `name` tells apart those that should not shift each other. */
export function seededChoices(seed: number, name: string): SeededChoices {
  let state = [...name].reduce((mixed, char) => Math.imul(mixed ^ char.charCodeAt(0), 16_777_619), seed | 0);
  // mulberry32
  const fraction = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (min: number, max: number) => min + Math.floor(fraction() * (max - min + 1));
  return {
    fraction,
    between,
    happens: (probability) => fraction() < probability,
    pick: <Item>(items: readonly [Item, ...Item[]]) => items[between(0, items.length - 1)] ?? items[0],
    hex: (digits) => Array.from({ length: digits }, () => between(0, 15).toString(16)).join(""),
  };
}
