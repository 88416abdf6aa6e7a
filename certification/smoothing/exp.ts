import { add, fromNumber, divide, multiply, scale, subtract } from './double-double.ts';
import { LN_2, ONE } from './double-double-constants.ts';
import type { DoubleDouble } from './double-double.ts';

/** Below this eˣ is less than half the least denormal. */
const LEAST_EXPONENT = -746;
const HALVINGS = 9;
/** |r| ≤ ln 2 / 2 / 2⁹ = 6.8e-4 below, so that r¹²/12! is past the 106th bit of r. */
const TERMS = 11;
const RECIPROCALS = Array.from({ length: TERMS + 1 }, (_, i) => divide(ONE, fromNumber(Math.max(i, 1))));

/** eˣ − 1 for |x| ≤ 0.4, relative error ≤ 1e-28: Taylor's series at x/2⁹, then nine doublings. */
function expm1Small(x: DoubleDouble): DoubleDouble {
  const r = scale(x, 1 / 512);
  let term = r;
  let value = r;
  for (let i = 2; i <= TERMS; i += 1) {
    term = multiply(term, multiply(r, RECIPROCALS[i]));
    value = add(value, term);
  }
  for (let i = 0; i < HALVINGS; i += 1) value = add(scale(value, 2), multiply(value, value));
  return value;
}

function timesPowerOfTwo(value: DoubleDouble, exponent: number): DoubleDouble {
  let result = value;
  for (let left = exponent; left !== 0;) {
    const step = Math.max(-500, Math.min(500, left));
    let factor = 1;
    for (let i = 0; i < Math.abs(step); i += 1) factor *= step > 0 ? 2 : 0.5;
    result = scale(result, factor);
    left -= step;
  }
  return result;
}

/**
 * eˣ for x ≤ 700: relative error ≤ 1e-28 while eˣ > 1e-290, falling to that of a denormal double below, and 0 where a double
 * can hold no more.
 */
export function exp(x: DoubleDouble): DoubleDouble {
  if (x.hi < LEAST_EXPONENT) return fromNumber(0);
  const exponent = Math.round(x.hi / LN_2.hi);
  const reduced = subtract(x, multiply(LN_2, fromNumber(exponent)));
  return timesPowerOfTwo(add(expm1Small(reduced), ONE), exponent);
}

/** eˣ − 1 for x ≤ 700, relative error ≤ 1e-28 also where x is near 0. */
export function expm1(x: DoubleDouble): DoubleDouble {
  return Math.abs(x.hi) <= 0.4 ? expm1Small(x) : subtract(exp(x), ONE);
}
