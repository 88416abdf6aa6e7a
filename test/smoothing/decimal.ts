/** An exact fraction: every double is one, and so is every decimal. */
interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** The exact value of a decimal such as `-1.25e-9`. */
function fractionOfDecimal(decimal: string): Fraction {
  const [mantissa, exponent = '0'] = decimal.split('e');
  const [whole, digits = ''] = mantissa.split('.');
  const power = Number(exponent) - digits.length;
  const integer = BigInt(whole + digits);
  return power >= 0
    ? { numerator: integer * 10n ** BigInt(power), denominator: 1n }
    : { numerator: integer, denominator: 10n ** BigInt(-power) };
}

/** The exact value of a finite double. */
export function fractionOf(value: number): Fraction {
  let shifts = 0;
  let left = value;
  for (; !Number.isInteger(left); left *= 2) shifts += 1;
  return { numerator: BigInt(left), denominator: 1n << BigInt(shifts) };
}

/** The sign of `value − decimal`, in exact arithmetic. */
export function compareToDecimal(value: number, decimal: string): number {
  const a = fractionOf(value);
  const b = fractionOfDecimal(decimal);
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}

/** |value − decimal| / |decimal|, in exact arithmetic until the last division; 0 where both are 0. */
export function relativeError(value: number, decimal: string): number {
  const a = fractionOf(value);
  const b = fractionOfDecimal(decimal);
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  if (difference === 0n) return 0;
  const scaled = (difference * 10n ** 30n) / (b.numerator * a.denominator);
  return Math.abs(Number(scaled)) / 1e30;
}
