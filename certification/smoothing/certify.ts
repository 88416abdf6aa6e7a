import { binomialTailAtMost } from './binomial-tail-at-most.ts';
import { checkCounts, checkLevel, checkMargin, checkScale } from './check-arguments.ts';
import { exactLowerBound } from './exact-lower-bound.ts';
import { radiusFromBounds } from './radius-from-bounds.ts';
import { roundDown, roundUp } from './round-outward.ts';
import { runnerUpBounds, runnerUpLevels } from './runner-up-bounds.ts';
import { loweredBy, raisedBy } from './with-margin.ts';
import type { Bound } from './bound.ts';
import type { DoubleDouble } from './double-double.ts';
import type { ExactBound } from './exact-lower-bound.ts';
import type { LowerBound } from './lower-bound.ts';
import type { NoiseScale } from './noise-scale.ts';

interface Bounds extends LowerBound {
  /** p̄_B, with the runner-up bound. */
  readonly runnerUpUpperBound?: number;
}

/** What the estimation's counts say of one example. */
export type Decision =
  ({ readonly status: 'certified'; readonly radius: number } & Bounds) | ({ readonly status: 'abstained' } & Bounds);

export interface Estimate extends NoiseScale {
  /** Estimation samples that gave the guessed class, an integer in 0 … n. */
  readonly count: number;
  /** The most that gave any one other class, an integer in 0 … n − count. */
  readonly runnerUpCount: number;
  /** Estimation samples, an integer in 1 … 1e12. */
  readonly n: number;
  /** The probability that a certificate is wrong, in (0, 1). */
  readonly alpha: number;
  readonly bound: Bound;
  /** What the sampled noise's law may differ from its own in total variation, in [0, ½). */
  readonly margin: number;
}

/**
 * CERTIFY of Cohen, Rosenfeld & Kolter (ICML 2019, arXiv 1902.02918, §3.2.2), after the sampling: a radius, or abstains.
 *
 * With `clopper-pearson`, p̲_A at alpha and R = −σ Φ⁻¹(1 − p̲_A). With `runner-up`, p̲_A at λ·alpha, p̄_B the lesser of 1 − p̲_A and the
 * bound on the runner-up at (1 − λ)·alpha, and R = σ/2 (Φ⁻¹(p̲_A) − Φ⁻¹(p̄_B)). With uniform noise R is
 * lambda·(p̲_A − p̄_B), in ℓ1, where p̄_B is 1 − p̲_A with `clopper-pearson` (`radiusFromBounds`). The margin is added to 1 − p̲_A and to
 * p̄_B before the radius is taken.
 *
 * @returns bounds after the margin, p̲_A rounded down and 1 − p̲_A and p̄_B up, and a radius above 0, taken from the bounds before
 *   they are rounded to doubles and rounded down itself: never above the true radius at these counts, and within two units in the
 *   last place of that at an alpha 1e-16 of itself less. It abstains by the exact threshold of `abstainThreshold` where the others
 *   count as one class, else where
 *   p̲_A ≤ p̄_B, and always where no radius above 0 is left.
 * @throws RangeError where an argument is out of its range
 */
export function certify({ count, runnerUpCount, n, alpha, sigma, lambda, bound, margin }: Estimate): Decision {
  checkCounts({ count, n });
  checkCounts({ count: runnerUpCount, n });
  checkCounts({ count: count + runnerUpCount, n });
  checkLevel(alpha);
  checkScale({ sigma, lambda });
  checkMargin(margin);
  switch (bound) {
    case 'clopper-pearson': {
      const top = loweredBy(exactLowerBound({ count, n, alpha }), margin);
      const told = exceedsHalf({ count, n, margin, level: alpha });
      return decision({ told, sigma, lambda, top, runnerUp: top.q, bounds: rounded(top) });
    }
    case 'runner-up': {
      const exact = runnerUpBounds({ count, runnerUpCount, n, alpha });
      const top = loweredBy(exact.top, margin);
      const runnerUp = raisedBy(exact.runnerUp, margin);
      const told = !exact.twoClasses || exceedsHalf({ count, n, margin, level: runnerUpLevels({ alpha }).top });
      const bounds = { ...rounded(top), runnerUpUpperBound: Math.min(1, roundUp(runnerUp)) };
      return decision({ told, sigma, lambda, top, runnerUp, bounds });
    }
  }
}

function rounded({ p, q }: ExactBound): LowerBound {
  return { lowerBound: roundDown(p), oneMinusLowerBound: Math.min(1, roundUp(q)) };
}

/** A radius of 0 (p̲_A ≤ p̄_B) certifies nothing. */
function decision({
  told,
  sigma,
  lambda,
  top,
  runnerUp,
  bounds,
}: NoiseScale & {
  told: boolean;
  top: ExactBound;
  runnerUp: DoubleDouble;
  bounds: Bounds;
}): Decision {
  const radius = told ? radiusFromBounds({ sigma, lambda, top, runnerUp }) : 0;
  return radius > 0 ? { status: 'certified', radius, ...bounds } : { status: 'abstained', ...bounds };
}

/** Whether `count` reaches the abstain threshold, without searching for it. */
function exceedsHalf({
  count,
  n,
  margin,
  level,
}: {
  count: number;
  n: number;
  margin: number;
  level: number;
}): boolean {
  return binomialTailAtMost({ k: count, n, p: 0.5, offset: margin, level });
}
