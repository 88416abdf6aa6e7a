import type { LatticeLaw } from './lattice-law.ts';

/** A function of a draw whose expectation under the law is 0 and whose variance is 1. */
export interface StandardisedMoment {
  readonly name: string;
  /** At `min`, `min + 1`, … */
  readonly values: Float64Array;
}

/** A function whose variance is less than this share of its mean square before centring is constant but for rounding. */
const CONSTANT = 1e-9;

/**
 * The functions of a draw whose means show a wrong moment: with z the draw over its standard deviation, z; z²; z³ and z⁴ each
 * without the part that z and z² explain, so that a wrong scale shows in the variance alone and not in all four; and the
 * indicators of |z| > 3 and |z| > 4. Expectations and variances are the law's own, summed over its support. A function that
 * is constant on so narrow a lattice is left out.
 *
 * @param law symmetric about 0
 */
export function standardisedMoments({ min, probabilities }: LatticeLaw): StandardisedMoment[] {
  const expectation = (f: (k: number) => number): number =>
    probabilities.reduce((sum, p, i) => sum + p * f(i + min), 0);
  const s = Math.sqrt(expectation((k) => k * k));
  if (s === 0) return [];
  const fourth = expectation((k) => (k / s) ** 4);
  const sixth = expectation((k) => (k / s) ** 6);
  const slope = (sixth - fourth) / (fourth - 1);
  const functions = [
    { name: 'mean', raw: (z: number) => z },
    { name: 'variance', raw: (z: number) => z ** 2 },
    { name: 'skewness', raw: (z: number) => z ** 3, f: (z: number) => z ** 3 - fourth * z },
    { name: 'kurtosis', raw: (z: number) => z ** 4, f: (z: number) => z ** 4 - slope * z ** 2 },
    { name: 'tail beyond 3 sigma', raw: (z: number) => (Math.abs(z) > 3 ? 1 : 0) },
    { name: 'tail beyond 4 sigma', raw: (z: number) => (Math.abs(z) > 4 ? 1 : 0) },
  ];
  return functions.flatMap(({ name, raw, f = raw }) => {
    const mean = expectation((k) => f(k / s));
    const variance = expectation((k) => (f(k / s) - mean) ** 2);
    if (variance <= CONSTANT * expectation((k) => raw(k / s) ** 2)) return [];
    const deviation = Math.sqrt(variance);
    return [{ name, values: probabilities.map((_, i) => (f((i + min) / s) - mean) / deviation) }];
  });
}
