/** Works on items, so many at once, and returns the results in the order of the items. Throws the first error. */
export async function atOnce<Item, Result>(
  items: readonly Item[],
  atOnceMax: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  const take = async () => {
    // All takers take from one iterator.
    for (const [index, item] of waiting) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(items.length, atOnceMax) }, take));
  return results;
}
