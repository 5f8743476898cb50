/** Selects `size` random items, the same for the same seed, in their order. */
export function sample<Item>(items: readonly Item[], size: number, seed: number): readonly Item[] {
  const drawn = items.map((item, index) => ({ item, index, lot: lotOf(seed, index) }));
  return drawn
    .sort((a, b) => a.lot - b.lot)
    .slice(0, size)
    .sort((a, b) => a.index - b.index)
    .map(({ item }) => item);
}

/** Returns a pseudo-random number. Source: the finalizer of MurmurHash3. */
function lotOf(seed: number, index: number): number {
  let hash = Math.imul(seed ^ Math.imul(index + 1, 0x9e3779b1), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
