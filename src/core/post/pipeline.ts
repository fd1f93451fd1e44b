/** Work on a stream with a bounded window: a few items are worked on at once, results come in the order of the items. */

/**
 * At most `limit` items are begun and not yet handed on: a consumer that is slow slows the source down. The first failure, in
 * the order of the items, ends it.
 */
export async function* inOrder<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const underWay: Promise<R>[] = [];
  for await (const item of items) {
    if (underWay.length >= limit) yield await underWay.shift()!;
    const begun = work(item);
    begun.catch(() => undefined); // Awaited in its turn; this only keeps it from being reported before.
    underWay.push(begun);
  }
  while (underWay.length > 0) yield await underWay.shift()!;
}
