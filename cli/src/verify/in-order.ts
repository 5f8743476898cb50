/**
 * Works on items, several at once, and yields what came of them in the order of the items. A failure is thrown when its turn
 * comes.
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
