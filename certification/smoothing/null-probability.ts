import { ONE } from './double-double-constants.ts';
import { divide, fromNumber, multiply, scale, subtract, sumOf } from './double-double.ts';
import type { DoubleDouble } from './double-double.ts';
import { exp } from './exp.ts';
import { ln } from './ln.ts';
import { lnNormalTail } from './normal-tail.ts';
import type { NoiseScale } from './noise-scale.ts';
import type { Probability } from './probability.ts';

/** Decimals that were typed lie within 2⁻⁵³ of the doubles nearest them; two of them, and the arithmetic's own error. */
const DECIMAL_ERROR = 2.5e-16;
/** More than the relative error of the tail and of the sum with the margin. */
const ERROR = 1e-22;

/**
 * Φ(radius/sigma) + margin, and of uniform noise ½ + radius/2λ + margin: the probability that the selected class must be shown to
 * exceed for a certificate of that radius (Cohen, Rosenfeld & Kolter, arXiv 1902.02918, Theorem 1; Yang et al., arXiv 2002.08118), rounded up.
 *
 * @param radius in input units and the norm of the law, ℓ2 of the Gaussian and ℓ1 of the uniform one; ≥ 0
 * @param margin what the sampled noise's law may differ from its own in total variation, in [0, ½)
 * @returns undefined where the sum reaches 1: no count is enough then
 */
export function nullProbability({
  radius,
  sigma,
  lambda,
  margin,
}: NoiseScale & {
  radius: number;
  margin: number;
}): Probability | undefined {
  const x = multiply(divide(fromNumber(radius), fromNumber(lambda ?? sigma)), sumOf(1, DECIMAL_ERROR));
  const tail = radius === 0 ? fromNumber(0.5) : lambda === undefined ? exp(lnNormalTail(x)) : halfBeyond(x);
  const q = multiply(subtract(tail, fromNumber(margin)), sumOf(1, -ERROR));
  if (!(q.hi > 0)) return undefined;
  const p = subtract(ONE, q);
  return { p, q, lnP: ln(p), lnQ: ln(q) };
}

/** (1 − x)/2; what x is rounded by is a small part of `DECIMAL_ERROR`. */
function halfBeyond(x: DoubleDouble): DoubleDouble {
  return scale(subtract(ONE, x), 0.5);
}
