import { add, multiply, fromNumber } from './double-double.ts';
import { nextDown, nextUp } from './next-double.ts';
import type { DoubleDouble } from './double-double.ts';

/**
 * 2⁻⁵⁶: more than the relative error of anything computed in double-doubles here (≤ 1e-17 at n = 1e12, from terms of size n
 * known to 1e-31), less than the eighth part of a double's last bit.
 */
const SLACK = 1.3877787807814457e-17;
/** Below this the low part of a double-double is denormal, and the error can reach a few steps of `hi`. */
const LEAST_EXACT = 1e-290;
const STEPS_BELOW = 4;

/** The greatest double that is surely not above a non-negative value known to 2⁻⁵⁶ of itself. */
export function roundDown(value: DoubleDouble): number {
  if (!(value.hi > 0)) return 0;
  if (value.hi < LEAST_EXACT) {
    let result = value.hi;
    for (let i = 0; i < STEPS_BELOW; i += 1) result = nextDown(result);
    return result;
  }
  const least = multiply(value, add(fromNumber(1), fromNumber(-SLACK)));
  return least.lo < 0 ? nextDown(least.hi) : least.hi;
}

/** The least double that is surely not below a non-negative value known to 2⁻⁵⁶ of itself. */
export function roundUp(value: DoubleDouble): number {
  if (value.hi < LEAST_EXACT) {
    let result = Math.max(value.hi, 0);
    for (let i = 0; i < STEPS_BELOW; i += 1) result = nextUp(result);
    return result;
  }
  const greatest = multiply(value, add(fromNumber(1), fromNumber(SLACK)));
  return greatest.lo > 0 ? nextUp(greatest.hi) : greatest.hi;
}
