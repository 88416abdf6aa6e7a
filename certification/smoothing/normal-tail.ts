import { continuedFraction } from './continued-fraction.ts';
import { LN_SQRT_2_PI } from './double-double-constants.ts';
import { add, divide, fromNumber, multiply, negate, scale, subtract } from './double-double.ts';
import { exp } from './exp.ts';
import { ln } from './ln.ts';
import type { DoubleDouble } from './double-double.ts';

/** The series below takes some 60 terms here and the continued fraction some 120. */
const SERIES_END = 3;

/** ln φ(x), the logarithm of the standard normal density. */
export function lnNormalDensity(x: DoubleDouble): DoubleDouble {
  return negate(add(scale(multiply(x, x), 0.5), LN_SQRT_2_PI));
}

/** Φ(x) − ½ for 0 ≤ x ≤ 3, relative error ≤ 1e-28: φ(x)·(x + x³/3 + x⁵/15 + …), all terms positive (Abramowitz & Stegun 26.2.11). */
export function normalCentralMass(x: DoubleDouble): DoubleDouble {
  const square = multiply(x, x);
  let term = x;
  let sum = x;
  for (let i = 3; term.hi > sum.hi * 1e-33; i += 2) {
    term = divide(multiply(term, square), fromNumber(i));
    sum = add(sum, term);
  }
  return multiply(exp(lnNormalDensity(x)), sum);
}

/**
 * ln P(N(0, 1) > x) for x ≥ 0: absolute error ≤ 1e-26.
 * Method: the central series to x = 3, then Laplace's continued fraction φ(x)/(x + 1/(x + 2/(x + …))) (Abramowitz & Stegun 26.2.14).
 */
export function lnNormalTail(x: DoubleDouble): DoubleDouble {
  if (x.hi <= SERIES_END) return ln(subtract(fromNumber(0.5), normalCentralMass(x)));
  const fraction = continuedFraction(x, (i) => ({ a: fromNumber(i), b: x }));
  return subtract(lnNormalDensity(x), ln(fraction));
}
