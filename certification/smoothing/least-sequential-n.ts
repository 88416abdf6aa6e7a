import { checkLevel, checkMargin, checkScale } from './check-arguments.ts';
import { nullProbability } from './null-probability.ts';
import { lnSequentialLevels } from './sequential-levels.ts';
import type { NoiseScale } from './noise-scale.ts';

/** More than the rounding of a quotient of two doubles. */
const ROUNDING = 1e-12;

/**
 * The least number of estimation samples with which sequential mode can certify a radius: with fewer, not even samples that all agree
 * are enough. The last look decides it, since the others are stricter.
 *
 * @param radius in input units, in the norm of the noise's law; ≥ 0
 * @param alpha the probability that a certificate is wrong, in (0, 1)
 * @param margin as for `sequentialThresholds`, in [0, ½)
 * @returns an integer ≥ 1, or Infinity where the margin leaves nothing of 1 − Φ(radius/sigma), or a radius in ℓ1 isn't below lambda
 * @throws RangeError where an argument is out of its range
 */
export function leastSequentialN({
  radius,
  sigma,
  lambda,
  alpha,
  margin,
}: NoiseScale & {
  radius: number;
  alpha: number;
  margin: number;
}): number {
  checkLevel(alpha);
  checkScale({ sigma, lambda });
  checkMargin(margin);
  const at = nullProbability({ radius, sigma, lambda, margin });
  if (at === undefined) return Infinity;
  return Math.ceil((lnSequentialLevels(alpha).last / at.lnP.hi) * (1 + ROUNDING));
}
