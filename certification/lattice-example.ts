import { ownNorm } from './convert-norm.ts';
import type { Claim } from './records/claim.ts';
import type { Example } from './datasets/dataset.ts';
import type { NoiseScale } from './smoothing/noise-scale.ts';

/** Lattice points per input unit of 8-bit images: pixel k stands for k/255. */
export const IMAGE_STEPS_PER_UNIT = 255;
/** Features that lie on no lattice are snapped to one of step σ/256, or λ/256 of uniform noise: fine beside the noise. */
const FEATURE_STEPS_PER_SCALE = 256;

/** The lattice of a dataset: 1/255 for 8-bit images, σ/256 or λ/256 for other values. */
export function stepsPerUnit({ kind, sigma, lambda }: { kind: 'uint8' | 'float32' } & NoiseScale): number {
  return kind === 'uint8' ? IMAGE_STEPS_PER_UNIT : FEATURE_STEPS_PER_SCALE / (lambda ?? sigma);
}

/** An example on its lattice, and how far it was moved to get there. */
export interface LatticeExample {
  readonly index: number;
  readonly label: number;
  readonly pixels: Uint8Array | Int32Array;
  /**
   * ‖x − x̂‖ in input units and the noise's own norm, ℓ2 or of uniform noise ℓ1, rounded up; a certificate of x̂ is one of x with this
   * much less radius.
   */
  readonly moved: number;
  /** Why it couldn't be read, where it couldn't: there are no pixels then, and its row is a failed one. */
  readonly unreadable?: string;
}

/**
 * Puts an example on the claim's lattice. 8-bit images are on theirs already; other values go to the nearest point.
 */
export function latticeExample(
  example: Example,
  noise: Pick<Claim['noise'], 'lambda' | 'stepsPerUnit'>,
): LatticeExample {
  const { index, label, values } = example;
  if (values instanceof Uint8Array) return { index, label, pixels: values, moved: 0 };
  const pixels = new Int32Array(values.length);
  let squares = 0;
  let sizes = 0;
  for (let at = 0; at < values.length; at++) {
    pixels[at] = Math.round(values[at] * noise.stepsPerUnit);
    const off = values[at] - pixels[at] / noise.stepsPerUnit;
    squares += off * off;
    sizes += Math.abs(off);
  }
  // Each off carries rounding of at most |value|·2⁻⁵² · 2, so √d times that in ℓ2 and d times in ℓ1, and a relative 2⁻³⁰ for the sum.
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  const inL1 = ownNorm(noise) === 'l1';
  const rounding = (inL1 ? values.length : Math.sqrt(values.length)) * (largest + 1) * 2 ** -51;
  return { index, label, pixels, moved: (inL1 ? sizes : Math.sqrt(squares)) * (1 + 2 ** -30) + rounding };
}
