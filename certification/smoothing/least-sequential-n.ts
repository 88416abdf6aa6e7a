import { checkLevel, checkMargin, checkSigma } from './check-arguments.ts';
import { nullProbability } from './null-probability.ts';
import { lnSequentialLevels } from './sequential-levels.ts';

/** More than the rounding of a quotient of two doubles. */
const ROUNDING = 1e-12;

/**
 * The least number of estimation samples with which sequential mode can certify a radius: with fewer, not even samples that all agree
 * are enough. The last look decides it, since the others are stricter.
 *
 * @param radius in input units, ≥ 0
 * @param sigma the noise's standard deviation in input units, > 0
 * @param alpha the probability that a certificate is wrong, in (0, 1)
 * @param margin as for `sequentialThresholds`, in [0, ½)
 * @returns an integer ≥ 1, or Infinity where the margin leaves nothing of 1 − Φ(radius/sigma)
 * @throws RangeError where an argument is out of its range
 */
export function leastSequentialN({
  radius,
  sigma,
  alpha,
  margin,
}: {
  radius: number;
  sigma: number;
  alpha: number;
  margin: number;
}): number {
  checkLevel(alpha);
  checkSigma(sigma);
  checkMargin(margin);
  const at = nullProbability({ radius, sigma, margin });
  if (at === undefined) return Infinity;
  return Math.ceil((lnSequentialLevels(alpha).last / at.lnP.hi) * (1 + ROUNDING));
}
