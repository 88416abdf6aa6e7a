import { add, fromNumber, multiply, scale, subtract } from './double-double.ts';
import { normalUpperQuantile } from './normal-quantile.ts';
import { roundDown } from './round-outward.ts';
import type { DoubleDouble } from './double-double.ts';
import type { ExactBound } from './exact-lower-bound.ts';
import type { NoiseScale } from './noise-scale.ts';

const HALF = fromNumber(0.5);
/**
 * 2⁻⁸⁰, more than the relative error of a quantile: what the difference of two near ones may be wrong by, in shares of them.
 */
const CANCELLATION = 8.271806125530277e-25;

/**
 * The certified radius in the norm of the noise's law.
 *
 * Of N(0, σ²I) it is the ℓ2 radius σ/2 (Φ⁻¹(p̲_A) − Φ⁻¹(p̄_B)) of Cohen, Rosenfeld & Kolter (ICML 2019, arXiv 1902.02918, Theorem 1);
 * with p̄_B = 1 − p̲_A it is −σ Φ⁻¹(1 − p̲_A). Of noise uniform on [−λ, λ] it is the ℓ1 radius λ (p̲_A − p̄_B): moved by δ, the noise's law
 * differs by ‖δ‖₁/2λ in total variation at most (Lee et al., NeurIPS 2019, arXiv 1906.04948; Yang et al., ICML 2020, arXiv 2002.08118).
 *
 * @param top a lower bound p on the top class's probability and an upper bound q on its complement
 * @param runnerUp p̄_B, an upper bound on every other class's probability, above 0
 * @returns the radius in input units, never above the true value for these bounds; 0 where p ≤ p̄_B, or where p̄_B ≥ ½ (with
 *   p + p̄_B ≤ 1 that is the same). Within two units in the last place of the true value, or 1e-22·σ where that is
 *   more (of uniform noise 1e-29·λ).
 */
export function radiusFromBounds({
  sigma,
  lambda,
  top,
  runnerUp,
}: NoiseScale & {
  readonly top: ExactBound;
  readonly runnerUp: DoubleDouble;
}): number {
  if (subtract(runnerUp, top.p).hi >= 0 || subtract(runnerUp, HALF).hi >= 0) return 0;
  if (lambda !== undefined) return roundDown(multiply(subtract(top.p, runnerUp), fromNumber(lambda)));
  const below = normalUpperQuantile(runnerUp);
  const above =
    subtract(top.q, HALF).hi <= 0
      ? normalUpperQuantile(top.q)
      : scale(normalUpperQuantile(subtract(top.p, HALF).hi > 0 ? HALF : top.p), -1);
  const gap = subtract(add(below, above), scale(below, CANCELLATION));
  return roundDown(scale(multiply(gap, fromNumber(sigma)), 0.5));
}
