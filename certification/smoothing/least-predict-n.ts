import { checkLevel } from './check-arguments.ts';

/**
 * The least number of samples with which PREDICT can answer at all: the least n with 2·2⁻ⁿ ≤ alpha.
 *
 * @param alpha the probability of error, in (0, 1)
 * @returns an integer ≥ 2, exact
 * @throws RangeError where alpha is out of its range
 */
export function leastPredictN(alpha: number): number {
  checkLevel(alpha);
  let n = 1;
  for (let leastPValue = 1; leastPValue > alpha; leastPValue /= 2) n += 1;
  return n;
}
