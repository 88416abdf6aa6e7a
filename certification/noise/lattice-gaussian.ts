import { exactRational } from './exact-rational.ts';
import { gaussianThresholds } from './gaussian-thresholds.ts';
import { guideTable } from './guide-table.ts';
import type { LatticeTable } from './lattice-table.ts';
import { MAX_SUPPORT } from './table-limits.ts';

/** The support reaches 9.1 standard deviations (Φ(−9.08) ≈ 2⁻⁶⁴). */
const MAX_STEPS = 1790;

/**
 * The discretised Gaussian `P(k) = Φ((k+½)/s) − Φ((k−½)/s)`, which is what rounding N(0, s²) to the integers gives, with
 * `s = sigma · stepsPerUnit`. The product is exact, not rounded to a double, and the thresholds are exact floors: the table
 * is a function of the two numbers alone, on any machine. Tails below 2⁻⁶⁴ are cut; `noiseBudget` bounds what that and the
 * floors change.
 *
 * @param sigma standard deviation of the noise in input units, > 0
 * @param stepsPerUnit lattice steps in an input unit, > 0: 255 for 8-bit images with pixels in [0, 1], 256/σ for float features
 * @throws RangeError when an argument is not finite and positive, or s > 1790
 */
export function latticeGaussian({ sigma, stepsPerUnit }: { sigma: number; stepsPerUnit: number }): LatticeTable {
  const a = exactRational(sigma);
  const b = exactRational(stepsPerUnit);
  if (sigma * stepsPerUnit > MAX_STEPS) {
    throw new RangeError(
      `Noise of sigma ${sigma} spans ${sigma * stepsPerUnit} lattice steps, more than the ${MAX_STEPS} that fit the table: use a smaller sigma or a coarser lattice.`,
    );
  }
  const above = gaussianThresholds({
    numerator: a.numerator * b.numerator,
    denominator: a.denominator * b.denominator,
  });
  const max = above.length;
  if (max > MAX_SUPPORT) throw new RangeError(`The noise reaches ${max} lattice steps, more than ${MAX_SUPPORT}.`);
  const upper = new Uint32Array(2 * max);
  const lower = new Uint32Array(2 * max);
  above.forEach((threshold, k) => {
    upper[max + k] = Number(threshold >> 32n);
    lower[max + k] = Number(threshold & 0xffffffffn);
    // Φ(−x) = 1 − Φ(x): the mirror image of T is 2⁶⁴ − 1 − T, each half inverted.
    upper[max - 1 - k] = ~Number(threshold >> 32n);
    lower[max - 1 - k] = ~Number(threshold & 0xffffffffn);
  });
  return { min: 0 - max, max, upper, lower, guide: guideTable(upper) };
}
