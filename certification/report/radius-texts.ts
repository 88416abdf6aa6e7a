import { decimalAtMost } from './decimal-at-most.ts';
import { sameRadius } from './same-radius.ts';

const FEWEST_DECIMALS = 2;
const MOST_DECIMALS = 14;

/**
 * Radii as a table shows them, never above their values: all with as many decimals as the longest needs, from 2 to 14.
 * Last digits that only computing in doubles gave them are left out: 0.30000000000000004 is `0.30`.
 */
export function radiusTexts(radii: readonly number[]): string[] {
  let decimals = FEWEST_DECIMALS;
  const texts = () => radii.map((radius) => decimalAtMost(radius, decimals));
  while (decimals < MOST_DECIMALS && !texts().every((text, at) => sameRadius(Number(text), radii[at]))) decimals += 1;
  return texts();
}
