import { add, divide, fromNumber, multiply, scale, subtract } from './double-double.ts';
import { LN_2, ONE } from './double-double-constants.ts';
import type { DoubleDouble } from './double-double.ts';

const SQRT_2 = 1.4142135623730951;
const TWO_TO_64 = 18446744073709551616;
/** |s| ≤ 0.172 below, so that s⁴⁴ is past the 106th bit. */
const ODD_RECIPROCALS = Array.from({ length: 22 }, (_, i) => divide(ONE, fromNumber(2 * i + 1)));

const float = new Float64Array(1);
const bits = new BigInt64Array(float.buffer);

function exponentOf(normal: number): number {
  float[0] = normal;
  return Number((bits[0] >> 52n) & 0x7ffn) - 1023;
}

function powerOfTwo(exponent: number): number {
  bits[0] = BigInt(exponent + 1023) << 52n;
  return float[0];
}

/**
 * The natural logarithm of `x` > 0 (down to the least denormal): absolute error ≤ 1e-30·(1 + |ln x|/100), and relative
 * error ≤ 1e-29 where x is near 1.
 * Method: x = 2ᵉ·m with m in [√½, √2], ln m = 2 atanh((m − 1)/(m + 1)) by its series.
 */
export function ln(x: DoubleDouble): DoubleDouble {
  if (!(x.hi > 0)) throw new RangeError(`ln wants a number above 0, and got ${x.hi}.`);
  if (x.hi < 1e-290) {
    const lifted = ln(scale(x, TWO_TO_64));
    return subtract(lifted, multiply(LN_2, fromNumber(64)));
  }
  let exponent = exponentOf(x.hi);
  if (x.hi * powerOfTwo(-exponent) > SQRT_2) exponent += 1;
  const mantissa = scale(x, powerOfTwo(-exponent));
  const s = divide(subtract(mantissa, ONE), add(mantissa, ONE));
  const square = multiply(s, s);
  let power = s;
  let sum = s;
  for (let i = 1; i < ODD_RECIPROCALS.length && Math.abs(power.hi) > Math.abs(s.hi) * 1e-33; i += 1) {
    power = multiply(power, square);
    sum = add(sum, multiply(power, ODD_RECIPROCALS[i]));
  }
  return add(multiply(LN_2, fromNumber(exponent)), scale(sum, 2));
}
