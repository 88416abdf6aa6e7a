import { binomialTail } from './binomial-tail.ts';
import { checkCounts, checkLevel, checkMargin, checkScale } from './check-arguments.ts';
import { fromNumber } from './double-double.ts';
import { leastInteger } from './least-integer.ts';
import { lnMixtureRatios } from './ln-mixture-ratios.ts';
import { ln } from './ln.ts';
import { looks } from './looks.ts';
import { nullProbability } from './null-probability.ts';
import { lnSequentialLevels } from './sequential-levels.ts';
import type { NoiseScale } from './noise-scale.ts';
import type { Probability } from './probability.ts';

/** A radius is given up when the mirrored statistic says, at this level, that its probability isn't reached. */
const FUTILITY_LEVEL = 0.01;

/** For each look the counts that decide about one radius. */
export interface RadiusThresholds {
  readonly radius: number;
  /** The least count at each look that certifies the radius; one more than the look's samples where none does. */
  readonly reject: readonly number[];
  /** The greatest count at each look that gives the radius up; −1 where none does. At the last look all below `reject`. */
  readonly futile: readonly number[];
}

export interface SequentialThresholds {
  /** Samples at each look, ascending. */
  readonly looks: readonly number[];
  /** One for each radius, ascending. */
  readonly radii: readonly RadiusThresholds[];
}

/**
 * The integer thresholds of sequential mode: which counts, at which looks, certify each of the given radii.
 *
 * For the radius r the null hypothesis is p ≤ Φ(r/sigma) + margin, or with uniform noise p ≤ ½ + r/2λ + margin. An interim look
 * rejects it where the mixture ratio of
 * `lnMixtureRatios` reaches 10/alpha: a nonnegative supermartingale under the null, so that all interim looks together reject
 * wrongly with probability ≤ alpha/10 (Ville's inequality). The last look is Clopper & Pearson's exact test at 0.9·alpha. By the
 * union bound a radius is certified wrongly with probability ≤ alpha. The nulls are nested, and a radius is certified only with all
 * smaller ones: to certify any radius wrongly, the smallest whose null is true must be certified wrongly, so that alpha holds for all
 * radii of an example together, at no extra cost. Giving a radius up early can only lower the probability of certifying it.
 *
 * @param radii in input units, in the norm of the noise's law; ascending, each ≥ 0
 * @param n the most samples of the estimation, an integer in 1 … 1e12
 * @param alpha the probability that any certified radius of an example is wrong, in (0, 1)
 * @param margin what the sampled noise's law may differ from its own in total variation, in [0, ½)
 * @throws RangeError where an argument is out of its range
 */
export function sequentialThresholds({
  radii,
  sigma,
  lambda,
  n,
  alpha,
  margin,
}: NoiseScale & {
  radii: readonly number[];
  n: number;
  alpha: number;
  margin: number;
}): SequentialThresholds {
  checkCounts({ count: 0, n });
  checkLevel(alpha);
  checkScale({ sigma, lambda });
  checkMargin(margin);
  if (radii.some((radius, at) => !(radius >= 0 && radius < Infinity) || (at > 0 && radius <= radii[at - 1]))) {
    throw new RangeError(`Radii must be ascending numbers from 0, and are ${radii.join(', ')}.`);
  }
  const grid = looks(n);
  const interim = grid.slice(0, -1);
  return {
    looks: grid,
    radii: radii.map((radius) => {
      const at = nullProbability({ radius, sigma, lambda, margin });
      if (at === undefined) return { radius, reject: grid.map((t) => t + 1), futile: grid };
      const last = lastRejection({ n, alpha, at });
      return {
        radius,
        reject: [...interim.map((t) => interimRejection({ t, alpha, at })), last],
        futile: [...interim.map((t) => interimFutility({ t, at })), last - 1],
      };
    }),
  };
}

function interimRejection({ t, alpha, at }: { t: number; alpha: number; at: Probability }): number {
  const goal = -lnSequentialLevels(alpha).interim;
  return leastInteger({
    from: Math.floor(t * at.p.hi),
    to: t + 1,
    holds: (successes) => successes > t || lnMixtureRatios({ successes, t, at }).above.hi >= goal,
  });
}

function interimFutility({ t, at }: { t: number; at: Probability }): number {
  const goal = -ln(fromNumber(FUTILITY_LEVEL)).hi;
  return (
    leastInteger({
      from: 0,
      to: Math.ceil(t * at.p.hi),
      holds: (successes) => lnMixtureRatios({ successes, t, at }).below.hi < goal,
    }) - 1
  );
}

function lastRejection({ n, alpha, at }: { n: number; alpha: number; at: Probability }): number {
  const goal = lnSequentialLevels(alpha).last;
  return leastInteger({
    from: Math.floor(n * at.p.hi),
    to: n + 1,
    holds: (count) => count > n || (count > 0 && binomialTail({ k: count, n, at }).lnUpper.hi <= goal),
  });
}
