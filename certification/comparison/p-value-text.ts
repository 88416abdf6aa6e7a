const DECIMALS = 4;
/** From here down with an exponent. */
const SMALL = 0.001;
const DIGITS = 2;

/** A p-value with four decimals, or as `1.23e-5` where it is small, never below its true value. */
export function pValueText(value: number): string {
  if (value >= SMALL) {
    const text = value.toFixed(DECIMALS);
    return Number(text) >= value ? text : (Number(text) + 10 ** -DECIMALS).toFixed(DECIMALS);
  }
  const text = value.toExponential(DIGITS);
  if (Number(text) >= value) return text;
  const [digits, exponent] = text.split('e');
  return Number(`${Number(digits) + 10 ** -DIGITS}e${exponent}`).toExponential(DIGITS);
}
