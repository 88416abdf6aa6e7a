import { checkCounts, checkLevel } from './check-arguments.ts';
import { exactLowerBound } from './exact-lower-bound.ts';
import { roundDown, roundUp } from './round-outward.ts';

/** A lower bound on a probability p, as p̲ and as 1 − p̲, each accurate on its own. */
export interface LowerBound {
  readonly lowerBound: number;
  readonly oneMinusLowerBound: number;
}

/**
 * The one-sided lower confidence bound of Clopper & Pearson (Biometrika 26, 1934) on the probability of a success: the p̲ with
 * P(Bin(n, p̲) ≥ count) = alpha, and 0 for count = 0. Whatever the true p, the bound exceeds it with probability ≤ alpha.
 *
 * @param count successes, an integer in 0 … n
 * @param n samples, an integer in 1 … 1e12
 * @param alpha the probability of error, in (0, 1); down to 1e-300
 * @returns `lowerBound` (p̲, never above the true bound) and `oneMinusLowerBound` (1 − p̲, never below it), for `alpha` and for every
 *   decimal that it is the nearest double of; for alpha ≤ ½ within three units in the last place (relative error ≤ 6.7e-16) of the
 *   true values while these are above 1e-290
 * @throws RangeError where an argument is out of its range
 */
export function lowerBound({ count, n, alpha }: { count: number; n: number; alpha: number }): LowerBound {
  checkCounts({ count, n });
  checkLevel(alpha);
  const { p, q } = exactLowerBound({ count, n, alpha });
  return { lowerBound: roundDown(p), oneMinusLowerBound: Math.min(1, roundUp(q)) };
}
