/**
 * Adjusts the p-values of several tests, so that rejecting where the adjusted one is at most a level rejects any true
 * hypothesis with at most that probability, however the tests depend on each other (Holm, Scandinavian Journal of
 * Statistics 6, 1979).
 *
 * @param pValues in [0, 1]
 * @returns the adjusted ones, in the order given, each at least the plain one and at most 1
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, at) => at).sort((a, b) => pValues[a] - pValues[b] || a - b);
  const adjusted = new Array<number>(pValues.length);
  let greatest = 0;
  order.forEach((at, rank) => {
    greatest = Math.max(greatest, Math.min(1, (pValues.length - rank) * pValues[at]));
    adjusted[at] = greatest;
  });
  return adjusted;
}
