import { binomialTailAtMost } from './binomial-tail-at-most.ts';
import { checkCounts, checkLevel } from './check-arguments.ts';
import { leastInteger } from './least-integer.ts';

/**
 * How many certificates of a test set may be wrong at once: the least Q with P(Bin(m, alpha) > Q) ≤ rho. With probability ≥ 1 − rho
 * no more than Q are, so that Y(r) − Q bounds the number of truly robust examples at all radii together.
 *
 * @param examples m, all examples of the test set, an integer in 1 … 1e12
 * @param alpha the probability that one certificate is wrong, in (0, 1)
 * @param rho the probability that the bound is wrong, in (0, 1)
 * @returns Q, an integer in 0 … m
 * @throws RangeError where an argument is out of its range
 */
export function curveSlack({ examples, alpha, rho }: { examples: number; alpha: number; rho: number }): number {
  checkCounts({ count: 0, n: examples });
  checkLevel(alpha);
  checkLevel(rho);
  return leastInteger({
    from: 0,
    to: examples,
    holds: (q) => binomialTailAtMost({ k: q + 1, n: examples, p: alpha, level: rho }),
  });
}
