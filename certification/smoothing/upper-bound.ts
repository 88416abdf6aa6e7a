import { lowerBound } from './lower-bound.ts';

/**
 * The one-sided upper confidence bound of Clopper & Pearson (Biometrika 26, 1934) on the probability of a success: the p̄ with
 * P(Bin(n, p̄) ≤ count) = alpha, and 1 for count = n. Whatever the true p, the bound is below it with probability ≤ alpha.
 *
 * @param count successes, an integer in 0 … n
 * @param n samples, an integer in 1 … 1e12
 * @param alpha the probability of error, in (0, 1); down to 1e-300
 * @returns p̄, never below the true bound; for alpha ≤ ½ with a relative error ≤ 6.7e-16
 * @throws RangeError where an argument is out of its range
 */
export function upperBound({ count, n, alpha }: { count: number; n: number; alpha: number }): number {
  return lowerBound({ count: n - count, n, alpha }).oneMinusLowerBound;
}
