import { fromNumber, productOf, subtract } from './double-double.ts';
import { exactLowerBound } from './exact-lower-bound.ts';
import { nextDown } from './next-double.ts';
import type { DoubleDouble } from './double-double.ts';
import type { ExactBound } from './exact-lower-bound.ts';

/** The share of α spent on the top class; the rest is spent on the runner-up. */
export const RUNNER_UP_LAMBDA = 0.9;

/** The levels of the two bounds, λα and (1 − λ)α, each rounded down. */
export function runnerUpLevels({ alpha, lambda = RUNNER_UP_LAMBDA }: { alpha: number; lambda?: number }): {
  readonly top: number;
  readonly runnerUp: number;
} {
  const share = productOf(alpha, lambda);
  return { top: floored(share), runnerUp: floored(subtract(fromNumber(alpha), share)) };
}

function floored({ hi, lo }: DoubleDouble): number {
  return lo < 0 ? nextDown(hi) : hi;
}

/**
 * Bounds on the top class's probability and on every other's, together true with probability ≥ 1 − alpha, whatever the law.
 *
 * The runner-up is bounded by the largest other count: the count of the class that truly is the runner-up is no larger, and the
 * upper bound rises with the count, so no union over the classes is needed.
 *
 * @param count the top class's samples, an integer in 0 … n
 * @param runnerUpCount the most samples of any other class, an integer in 0 … n − count
 * @param n samples, an integer in 1 … 1e12
 * @param alpha the probability of error, in (0, 1)
 * @param lambda the share of alpha spent on the top class, in (0, 1)
 * @returns `top`, the bound on p_A at λα, and `runnerUp`, p̄_B: the lesser of 1 − p̲_A and the Clopper–Pearson upper bound on the
 *   runner-up at (1 − λ)α; `twoClasses` where it is 1 − p̲_A, as if the others were one class
 */
export function runnerUpBounds({
  count,
  runnerUpCount,
  n,
  alpha,
  lambda = RUNNER_UP_LAMBDA,
}: {
  count: number;
  runnerUpCount: number;
  n: number;
  alpha: number;
  lambda?: number;
}): { readonly top: ExactBound; readonly runnerUp: DoubleDouble; readonly twoClasses: boolean } {
  const levels = runnerUpLevels({ alpha, lambda });
  const top = exactLowerBound({ count, n, alpha: levels.top });
  const { q: own } = exactLowerBound({ count: n - runnerUpCount, n, alpha: levels.runnerUp });
  const twoClasses = subtract(own, top.q).hi >= 0;
  return { top, runnerUp: twoClasses ? top.q : own, twoClasses };
}
