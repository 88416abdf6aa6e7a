export interface Rational {
  numerator: bigint;
  denominator: bigint;
}

/**
 * The value of a finite positive double as a fraction, exactly.
 *
 * @throws RangeError when `value` is not finite and positive
 */
export function exactRational(value: number): Rational {
  if (!(value > 0 && value < Infinity)) throw new RangeError(`Expected a finite positive number, found ${value}.`);
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = Number(bits >> 52n);
  const fraction = bits & 0xfffffffffffffn;
  // IEEE 754: fraction · 2^−1074 where the exponent field is 0, else (2^52 + fraction) · 2^(exponent − 1075).
  const significand = exponent === 0 ? fraction : fraction | 0x10000000000000n;
  const shift = BigInt(Math.max(exponent, 1) - 1075);
  return shift >= 0n
    ? { numerator: significand << shift, denominator: 1n }
    : { numerator: significand, denominator: 1n << -shift };
}
