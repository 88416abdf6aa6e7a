import { continuedFraction } from './continued-fraction.ts';
import { ONE } from './double-double-constants.ts';
import { add, divide, fromNumber, multiply, productOf, subtract } from './double-double.ts';
import type { DoubleDouble } from './double-double.ts';
import type { Probability } from './probability.ts';

/**
 * pᵃ qᵇ / B(a, b) / I_p(a, b), where p ≤ a/(a + b): the incomplete beta function's continued fraction of Didonato & Morris
 * (ACM TOMS 18, 1992, eq. 9).
 *
 * @param a ≥ ½, a multiple of ½; `b` likewise. All terms are positive up to the b-th, where that of an integer b ends; later ones
 *   belong to a remainder that is small by then.
 */
export function betaFraction({ a, b, at }: { a: number; b: number; at: Probability }): DoubleDouble {
  const { p, q } = at;
  const drift = add(subtract(multiply(fromNumber(a), q), multiply(fromNumber(b), p)), ONE);
  const slope = add(ONE, q);
  function denominator(m: number): DoubleDouble {
    const numerator = multiply(fromNumber(a + m), add(drift, multiply(fromNumber(m), slope)));
    return add(fromNumber(m), divide(numerator, fromNumber(a + 2 * m + 1)));
  }
  return continuedFraction(denominator(0), (m) => {
    const odd = divide(p, fromNumber(a + 2 * m - 1));
    const right = multiply(productOf(m, b - m), odd);
    const left = multiply(productOf(a + m - 1, a + b + m - 1), odd);
    return { a: multiply(left, right), b: add(denominator(m), right) };
  });
}
