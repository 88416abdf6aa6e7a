import type { Norm } from './records/norm.ts';
import { nextDown, nextUp } from './smoothing/next-double.ts';

/** The perturbations that a radius is about, and the noise that it comes from. */
export interface ThreatModel {
  readonly norm: Norm;
  /** There where the noise is uniform. */
  readonly lambda?: number | undefined;
  /** Values of an example. */
  readonly dimensions: number;
}

/** The norm whose radius a law of noise gives by itself: ℓ2 of the Gaussian, ℓ1 of the uniform one. */
export function ownNorm({ lambda }: Pick<ThreatModel, 'lambda'>): 'l2' | 'l1' {
  return lambda === undefined ? 'l2' : 'l1';
}

/**
 * The radius in a threat model's norm that follows from one in the noise's own norm: where ‖δ‖_own ≤ c·‖δ‖ for every δ, a perturbation
 * with ‖δ‖ < R/c has ‖δ‖_own < R. The least such c in d dimensions is √d from ℓ2 to ℓ∞ and from ℓ1 to ℓ2, d from ℓ1 to ℓ∞
 * (Cauchy & Schwarz, Hölder), and 1 where the norms are the same and from ℓ2 to ℓ1.
 *
 * @param radius in the noise's own norm, in input units; ≥ 0
 * @returns never above radius/c, and within two units in the last place of it; `radius` itself where c = 1
 */
export function fromOwnNorm(radius: number, threat: ThreatModel): number {
  const factor = factorAtLeast(threat);
  return factor === 1 ? radius : nextDown(radius / factor);
}

/**
 * The radius in the noise's own norm that certifies one in the threat model's: c times it, c as for `fromOwnNorm`.
 *
 * @param radius in the threat model's norm, in input units; ≥ 0
 * @returns never below c·radius, and within three units in the last place of it; `radius` itself where c = 1, and 0 for 0
 */
export function toOwnNorm(radius: number, threat: ThreatModel): number {
  const factor = factorAtLeast(threat);
  return factor === 1 || radius === 0 ? radius : nextUp(radius * factor);
}

/** The least double that is not below c. */
function factorAtLeast({ norm, lambda, dimensions }: ThreatModel): number {
  const own = ownNorm({ lambda });
  if (norm === own || (own === 'l2' && norm === 'l1')) return 1;
  if (own === 'l1' && norm === 'linf') return dimensions;
  const root = Math.sqrt(dimensions);
  return Number.isInteger(root) ? root : nextUp(root);
}
