import { betaFraction } from './beta-fraction.ts';
import { add, fromNumber, subtract } from './double-double.ts';
import { lnBinomial } from './ln-binomial.ts';
import { ln } from './ln.ts';
import { complementOf, lnOneMinusExp } from './probability.ts';
import type { DoubleDouble } from './double-double.ts';
import type { Probability } from './probability.ts';

/** The two tails of a binomial cut between k − 1 and k. */
export interface BinomialTail {
  /** ln P(Bin(n, p) ≥ k) */
  readonly lnUpper: DoubleDouble;
  /** ln P(Bin(n, p) ≤ k − 1) */
  readonly lnLower: DoubleDouble;
  /** The logarithm of p·dP(Bin(n, p) ≥ k)/dp, times q: ln(k·q·P(Bin(n, p) = k)) */
  readonly lnWeight: DoubleDouble;
}

/**
 * Both tails of the binomial distribution, in logarithms.
 *
 * @param k the cut, an integer in 1 … n
 * @param n the number of samples, an integer in 1 … 1e12
 * @param at the probability of a success
 * @returns tails with an absolute error of their logarithms ≤ n·1e-31 + 1e-26, however far out; where a tail is 1 to within
 *   1e-32, its logarithm is 0. Its time is that of a few dozen to a few hundred terms, except within some hundredth of a
 *   standard deviation of the mean, where the terms grow like √n.
 *
 * Method: P(Bin(n, p) ≥ k) is the incomplete beta function I_p(k, n − k + 1), by the continued fraction of Didonato & Morris
 * (ACM TOMS 18, 1992, eq. 9; all terms positive) on the side where it is the lesser tail, times Loader's density.
 */
export function binomialTail({ k, n, at }: { k: number; n: number; at: Probability }): BinomialTail {
  const lnWeight = add(add(ln(fromNumber(k)), at.lnQ), lnBinomial({ k, n, at }));
  if (k >= (n + 1) * at.p.hi) {
    const lnUpper = subtract(lnWeight, ln(betaFraction({ a: k, b: n - k + 1, at })));
    return { lnUpper, lnLower: lnOneMinusExp(lnUpper), lnWeight };
  }
  const lnLower = subtract(lnWeight, ln(betaFraction({ a: n - k + 1, b: k, at: complementOf(at) })));
  return { lnUpper: lnOneMinusExp(lnLower), lnLower, lnWeight };
}
