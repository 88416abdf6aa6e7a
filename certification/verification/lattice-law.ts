import type { LatticeTable } from '../noise/lattice-table.ts';

/** A law on the integers `min`, `min + 1`, … */
export interface LatticeLaw {
  readonly min: number;
  /** P(min), P(min + 1), …; they add up to 1. */
  readonly probabilities: Float64Array;
}

/**
 * The law that the kernel draws from: the differences of the table's 64-bit thresholds, over 2⁶⁴. They are
 * those of the rounded Gaussian, or of the rounded uniform law, to within 2⁻⁶³ each.
 *
 * @param table from `latticeTable`
 * @returns each probability to the nearest double
 */
export function latticeLaw({ min, upper, lower }: LatticeTable): LatticeLaw {
  const probabilities = new Float64Array(upper.length + 1);
  let upperBefore = 0;
  let lowerBefore = 0;
  for (let i = 0; i <= upper.length; i++) {
    const upperHere = i < upper.length ? upper[i] : 2 ** 32;
    const lowerHere = i < upper.length ? lower[i] : 0;
    // Both differences are exact, so that their sum is rounded once.
    probabilities[i] = ((upperHere - upperBefore) * 2 ** 32 + (lowerHere - lowerBefore)) / 2 ** 64;
    upperBefore = upperHere;
    lowerBefore = lowerHere;
  }
  return { min, probabilities };
}
