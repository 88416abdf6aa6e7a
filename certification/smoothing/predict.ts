import { binomialTail } from './binomial-tail.ts';
import { binomialTailAtMost } from './binomial-tail-at-most.ts';
import { checkCounts, checkLevel, checkMargin } from './check-arguments.ts';
import { add, fromNumber, scale, sumOf } from './double-double.ts';
import { exp } from './exp.ts';
import { nextDown } from './next-double.ts';
import { probabilityOf } from './probability.ts';
import { roundUp } from './round-outward.ts';

export type PredictDecision =
  { readonly status: 'predicted'; readonly pValue: number } | { readonly status: 'abstained'; readonly pValue: number };

/**
 * PREDICT of Cohen, Rosenfeld & Kolter (ICML 2019, arXiv 1902.02918, §3.2.1), after the sampling: whether the top class is told from
 * the runner-up, by the two-sided exact binomial test of their counts at p = ½.
 *
 * @param topCount samples of the commonest class, an integer ≥ runnerUpCount
 * @param runnerUpCount samples of the next, an integer ≥ 0; together at most 1e12
 * @param alpha the probability of answering with another class than the smoothed classifier's, in (0, 1)
 * @param margin what the sampled noise can add to that probability over all samples, in [0, ½); 0 is the plain test
 * @returns `predicted` where the p-value plus the margin is at most alpha (decided exactly), else `abstained`; `pValue` is that
 *   sum, rounded up, with a relative error ≤ 4.5e-16
 * @throws RangeError where an argument is out of its range
 */
export function predict({
  topCount,
  runnerUpCount,
  alpha,
  margin,
}: {
  topCount: number;
  runnerUpCount: number;
  alpha: number;
  margin: number;
}): PredictDecision {
  const n = topCount + runnerUpCount;
  checkCounts({ count: topCount, n: Math.max(n, 1) });
  checkCounts({ count: runnerUpCount, n: Math.max(topCount, 1) });
  checkLevel(alpha);
  checkMargin(margin);
  if (topCount === runnerUpCount) return { status: 'abstained', pValue: 1 };
  const { lnUpper } = binomialTail({ k: topCount, n, at: probabilityOf(0.5) });
  const pValue = Math.min(1, roundUp(add(scale(exp(lnUpper), 2), fromNumber(margin))));
  const left = sumOf(alpha, -margin);
  const level = (left.lo < 0 ? nextDown(left.hi) : left.hi) / 2;
  if (level > 0 && binomialTailAtMost({ k: topCount, n, p: 0.5, level })) {
    return { status: 'predicted', pValue: Math.min(pValue, alpha) };
  }
  return { status: 'abstained', pValue };
}
