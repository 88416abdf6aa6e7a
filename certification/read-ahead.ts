/**
 * What `fetch` gives for 0, 1, … in order, while the next ones are on their way.
 *
 * @param ahead how many are fetched, or were and wait, at a time.
 */
export async function* readAhead<T>({
  count,
  ahead,
  fetch,
}: {
  count: number;
  ahead: number;
  fetch: (at: number) => Promise<T>;
}): AsyncGenerator<T, void, undefined> {
  const underWay: Promise<T>[] = [];
  let next = 0;
  try {
    for (;;) {
      while (underWay.length < ahead && next < count) {
        const fetched = fetch(next++);
        // It is thrown when its turn comes; until then Node would end the process for it.
        fetched.catch(() => undefined);
        underWay.push(fetched);
      }
      const first = underWay.shift();
      if (first === undefined) return;
      yield await first;
    }
  } finally {
    await Promise.allSettled(underWay);
  }
}
