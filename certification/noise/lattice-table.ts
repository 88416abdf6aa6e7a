import { latticeGaussian } from './lattice-gaussian.ts';
import { latticeUniform } from './lattice-uniform.ts';

/** A law of one noise value, symmetric about 0 and rounded to the lattice, as a table to draw from. */
export interface LatticeTable {
  /** Half the width of uniform noise in input units; none of the Gaussian. */
  readonly lambda?: number | undefined;
  /** The least and the largest integer that is drawn; `min = −max`. */
  readonly min: number;
  readonly max: number;
  /**
   * The upper and lower 32 bits of the thresholds `⌊2⁶⁴ F(k+½)⌋`, F the law's distribution function in lattice steps, k = min … max−1,
   * ascending. A 64-bit uniform `u` draws `min` + the number of thresholds ≤ u.
   */
  readonly upper: Uint32Array;
  readonly lower: Uint32Array;
  /** From `guideTable`. */
  readonly guide: Int16Array;
}

/** The law of a claim's noise, and its lattice. */
export interface NoiseLaw {
  /** Standard deviation in input units. */
  readonly sigma: number;
  /** There where the noise is uniform on [−λ, λ]; in input units. */
  readonly lambda?: number | undefined;
  /** Lattice steps in an input unit. */
  readonly stepsPerUnit: number;
}

/**
 * The table of a claim's noise: `latticeUniform` where it has a lambda, else `latticeGaussian`.
 *
 * @throws RangeError as they do.
 */
export function latticeTable({ sigma, lambda, stepsPerUnit }: NoiseLaw): LatticeTable {
  return lambda === undefined ? latticeGaussian({ sigma, stepsPerUnit }) : latticeUniform({ lambda, stepsPerUnit });
}
