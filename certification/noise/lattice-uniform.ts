import { exactRational } from './exact-rational.ts';
import { guideTable } from './guide-table.ts';
import type { LatticeTable } from './lattice-table.ts';
import { MAX_SUPPORT } from './table-limits.ts';

/**
 * The discretised uniform law `P(k) = |[k−½, k+½] ∩ [−L, L]| / 2L`, which is what rounding noise uniform on [−L, L] to the integers
 * gives, with `L = lambda · stepsPerUnit`. The product is exact, not rounded to a double, and so are the thresholds
 * `⌊2⁶⁴ (k + ½ + L) / 2L⌋`: the table is a function of the two numbers alone, on any machine. Nothing is cut off; `noiseBudget` bounds
 * what the floors change.
 *
 * @param lambda half the noise's width in input units, > 0
 * @param stepsPerUnit lattice steps in an input unit, > 0: 255 for 8-bit images with pixels in [0, 1], 256/λ for float features
 * @throws RangeError when an argument is not finite and positive, or L > 16,383.5
 */
export function latticeUniform({ lambda, stepsPerUnit }: { lambda: number; stepsPerUnit: number }): LatticeTable {
  const a = exactRational(lambda);
  const b = exactRational(stepsPerUnit);
  // L = half / 2·unit: the thresholds are floors of 2⁶⁴ ((2k + 1)·unit + half) / 2·half.
  const unit = a.denominator * b.denominator;
  const half = 2n * a.numerator * b.numerator;
  // The largest k with k − ½ < L, which is (2k − 1)·unit < half.
  const largest = (half + unit - 1n) / (2n * unit);
  if (largest > BigInt(MAX_SUPPORT)) {
    throw new RangeError(
      `Noise of lambda ${lambda} reaches ${lambda * stepsPerUnit} lattice steps, more than the ${MAX_SUPPORT} that fit the table: use a smaller lambda or a coarser lattice.`,
    );
  }
  const max = Number(largest);
  const upper = new Uint32Array(2 * max);
  const lower = new Uint32Array(2 * max);
  for (let at = 0; at < 2 * max; at++) {
    const below = (2n * BigInt(at - max) + 1n) * unit + half;
    const threshold = (below << 64n) / (2n * half);
    upper[at] = Number(threshold >> 32n);
    lower[at] = Number(threshold & 0xffffffffn);
  }
  return { lambda, min: 0 - max, max, upper, lower, guide: guideTable(upper) };
}
