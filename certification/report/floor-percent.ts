/**
 * A share as a percentage with two decimals, floored in whole numbers: an accuracy or its bound is never printed above
 * its true value, and 82.4 % is never 82.39 % because 0.824 is no double.
 *
 * @param count 0 ≤ count ≤ total, whole; `count` times 10,000 below 2⁵³.
 * @param total ≥ 1, whole.
 */
export function floorPercent(count: number, total: number): string {
  const scaled = count * 10_000;
  const hundredths = (scaled - (scaled % total)) / total;
  const fraction = hundredths % 100;
  return `${(hundredths - fraction) / 100}.${String(fraction).padStart(2, '0')} %`;
}
