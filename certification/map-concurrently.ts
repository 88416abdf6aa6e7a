/**
 * Applies an asynchronous function to each item, several at a time. After a failure nothing more is begun.
 *
 * @param limit how many may be under way at once, at least 1.
 * @returns the results in the order of the items.
 * @throws of those that failed, what the first in that order threw, once all that had begun have ended.
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  limit: number,
  map: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures = new Map<number, unknown>();
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length && failures.size === 0) {
      const index = next++;
      try {
        results[index] = await map(items[index]);
      } catch (reason) {
        failures.set(index, reason);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  if (failures.size > 0) throw failures.get(Math.min(...failures.keys()));
  return results;
}
