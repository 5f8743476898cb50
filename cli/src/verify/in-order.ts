/**
 * Works on up to `atOnce` items at a time and yields the results in the order of the items. Throws a failure at its place
 * in that order.
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  work: (item: Item) => Promise<Result>,
  atOnce: number,
): AsyncGenerator<Result, void, undefined> {
  const underWay: Promise<Result>[] = [];
  for await (const item of items) {
    const working = work(item);
    working.catch(() => {});
    underWay.push(working);
    const first = underWay.length < atOnce ? undefined : underWay.shift();
    if (first !== undefined) yield await first;
  }
  for (const working of underWay) yield await working;
}
