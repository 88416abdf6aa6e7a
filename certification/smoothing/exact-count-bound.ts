import { binomialTailAtMost } from './binomial-tail-at-most.ts';
import { checkCertified } from './check-arguments.ts';
import { leastInteger } from './least-integer.ts';

/**
 * A lower confidence bound on how many of a test set's examples are truly robust at one radius, given how many were certified
 * there: the least g with P(Bin(m − g, alpha) ≥ Y − g) > rho. Were only g robust, each of the other m − g would be certified
 * with probability ≤ alpha, independently, so more than Y certified would be that improbable.
 *
 * @param examples m, all examples of the test set, an integer in 1 … 1e12
 * @param certified Y, those certified correct at the radius, an integer in 0 … m
 * @param alpha the probability that one certificate is wrong, in (0, 1)
 * @param rho the probability that the bound is wrong, in (0, 1)
 * @returns g*, an integer in 0 … Y; true with probability ≥ 1 − rho, for this one radius
 * @throws RangeError where an argument is out of its range
 */
export function exactCountBound({
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
  return leastInteger({
    from: 0,
    to: certified,
    holds: (g) => !binomialTailAtMost({ k: certified - g, n: examples - g, p: alpha, level: rho }),
  });
}
