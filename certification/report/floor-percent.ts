import { percentDigits } from './percent-digits.ts';

/**
 * A share as a percentage with two decimals, floored (`percentDigits`).
 *
 * @param count 0 ≤ count ≤ total, whole; `count` times 10,000 below 2⁵³.
 * @param total ≥ 1, whole.
 */
export function floorPercent(count: number, total: number): string {
  return `${percentDigits(count, total, 2)} %`;
}
