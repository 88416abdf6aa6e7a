import { binomialTailAtMost } from './binomial-tail-at-most.ts';
import { checkCounts, checkLevel, checkMargin } from './check-arguments.ts';
import { leastInteger } from './least-integer.ts';

/**
 * The least count of the guessed class at which CERTIFY need not abstain: the least k with P(Bin(n, ½ + margin) ≥ k) ≤ alpha.
 * Equivalently the least k whose Clopper–Pearson bound is ½ + margin or more (Cohen, Rosenfeld & Kolter, arXiv 1902.02918, §3.2.2).
 *
 * @param n samples, an integer in 1 … 1e12
 * @param alpha the probability of error, in (0, 1)
 * @param margin what the sampled law may differ from the true one in probability, in [0, ½)
 * @returns an integer in 1 … n, exact (ties are settled as `binomialTailAtMost` says), or n + 1 where no count is enough
 * @throws RangeError where an argument is out of its range
 */
export function abstainThreshold({ n, alpha, margin }: { n: number; alpha: number; margin: number }): number {
  checkCounts({ count: 0, n });
  checkLevel(alpha);
  checkMargin(margin);
  return leastInteger({
    from: 1,
    to: n + 1,
    holds: (k) => binomialTailAtMost({ k, n, p: 0.5, offset: margin, level: alpha }),
  });
}
