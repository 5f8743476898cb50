/** Random numbers that can be replayed. */
export interface SeededRandom {
  readonly seed: number;
  /** Returns an integer from min to max, inclusive. */
  between(min: number, max: number): number;
  pick<Item>(items: readonly Item[]): Item;
}

/**
 * Makes random numbers from the seed in SEED, or from a new one, which it prints first. With SEED set to it, a run
 * makes the same choices. (Scheduling and disk are not replayed.)
 */
export function seededRandom(what: string): SeededRandom {
  const seed = Number(process.env.SEED || Math.floor(Math.random() * 2 ** 32));
  process.stderr.write(`${what}: SEED=${seed}\n`);
  let state = seed >>> 0;
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  return { seed, between, pick: (items) => items[between(0, items.length - 1)] as (typeof items)[number] };
}
