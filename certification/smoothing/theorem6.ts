import { checkCertified } from './check-arguments.ts';
import { fromNumber } from './double-double.ts';
import { ln } from './ln.ts';

/** More than the rounding errors of the few operations below, on numbers of size 1. */
const ROUNDING = 2e-15;

/**
 * Cohen, Rosenfeld & Kolter's lower confidence bound on certified accuracy, for comparison with `exactCountBound`, which is at least
 * as high. By Bernstein's inequality:
 * (Y/m − α − √(2α(1 − α) ln(1/ρ)/m) − ln(1/ρ)/(3m)) / (1 − α).
 * This is the paper's form (arXiv 1902.02918, Theorem 6); the published code leaves out the 2 under the root and the 1/(1 − α).
 *
 * @param examples m, all examples of the test set, an integer in 1 … 1e12
 * @param certified Y, those certified correct at the radius, an integer in 0 … m
 * @param alpha the probability that one certificate is wrong, in (0, ½]
 * @param rho the probability that the bound is wrong, in (0, 1)
 * @returns a share in [0, 1], rounded down, within 1e-14 of the formula; 0 where that is negative
 * @throws RangeError where an argument is out of its range
 */
export function theorem6({
  examples,
  certified,
  alpha,
  rho,
}: {
  examples: number;
  certified: number;
  alpha: number;
  rho: number;
}): number {
  checkCertified({ examples, certified, alpha, rho });
  const lnInverseRho = -ln(fromNumber(rho)).hi;
  const deviation = Math.sqrt((2 * alpha * (1 - alpha) * lnInverseRho) / examples) + lnInverseRho / (3 * examples);
  return Math.max(0, (certified / examples - alpha - deviation) / (1 - alpha) - ROUNDING);
}
