import { decimalAtMost } from '../report/decimal-at-most.ts';
import { formatRadius } from '../report/format-radius.ts';
import type { RadiusText } from '../report/cohen-tsv.ts';

/** As many as `certify.py` prints. */
const DIGITS = 3;
/** `formatRadius` prints no more; what is below 1e-14 is printed as 0. */
const MOST_DECIMALS = 14;
/** From these powers of ten on, down and up, Python's `{:.3}` turns to exponents. */
const EXPONENTS = { below: -4, from: DIGITS - 1 };

/**
 * A radius with three significant digits as Python's `{:.3}` spells them (`0.457`, `1.5`, `1.23e-05`, `0.0`), floored where
 * `certify.py` rounds to nearest: never above the certified one. A radius that was asked for as a decimal is that decimal.
 *
 * @param radius 0 ≤ radius < 1e21.
 */
export const significantRadius: RadiusText = ({ radius, certifiedRadii }) => {
  if (radius === 0) return '0.0';
  const magnitude = Number(radius.toExponential(20).split('e')[1]);
  const decimals = DIGITS - 1 - magnitude;
  const text =
    decimals <= 0
      ? cut(formatRadius(radius, 0))
      : (certifiedRadii === undefined ? formatRadius : decimalAtMost)(radius, Math.min(decimals, MOST_DECIMALS));
  return pythonText(text);
};

/** A whole number with zeros after its first three digits. */
function cut(text: string): string {
  return text.slice(0, DIGITS).padEnd(text.length, '0');
}

/** A decimal without what Python leaves out: zeros at its end, all but one after the point, and more digits than it shows. */
function pythonText(decimal: string): string {
  const [whole, fraction = ''] = decimal.split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return '0.0';
  const magnitude = digits.length - fraction.length - 1;
  const kept = digits.replace(/0+$/, '');
  if (magnitude < EXPONENTS.below || magnitude >= EXPONENTS.from) {
    const sign = magnitude < 0 ? '-' : '+';
    const mantissa = kept.length === 1 ? kept : `${kept[0]}.${kept.slice(1)}`;
    return `${mantissa}e${sign}${String(Math.abs(magnitude)).padStart(2, '0')}`;
  }
  return `${whole}.${fraction.replace(/0+$/, '') || '0'}`;
}
