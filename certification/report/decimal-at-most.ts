import { formatRadius } from './format-radius.ts';

/**
 * Prints a radius that was typed as a decimal: 0.3 with two decimals is `0.30`, although the double nearest to 0.3 lies
 * below it. Certificates hold for such decimals (`nullProbability`). Where the radius has more decimals it is floored.
 *
 * @param radius 0 ≤ radius < 1e21.
 * @param decimals 0 to 14.
 */
export function decimalAtMost(radius: number, decimals: number): string {
  const text = radius.toFixed(decimals);
  return Number(text) <= radius ? text : formatRadius(radius, decimals);
}
