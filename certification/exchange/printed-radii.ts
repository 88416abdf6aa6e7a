/** How a printed radius came from a computed one. */
export type Printing = 'rounded' | 'floored';

/** `certify.py` prints radii with as many significant digits, without the zeros at their end. */
const FEWEST_DIGITS = 3;
/** From so many decimals on radii that all have as many are taken to be printed with a fixed count of them. */
const FIXED_DECIMALS = 4;
/** A double has no more digits to tell. */
const MOST_DIGITS = 15;

/** A radius as it was printed, and one unit of the last digit that was printed of it, zeros left out or not. */
export interface PrintedRadius {
  readonly text: string;
  readonly value: number;
  readonly unit: number;
}

/**
 * The distinct radii above 0 of a file, descending, with the unit of their last digits as the whole file tells it: where all
 * have the same decimals, zeros at the end too, that of the last; else that of as many significant digits as the longest has. Where
 * all have the same decimals and none ends in a zero both can be, and it is the coarser.
 */
export function printedRadii(texts: readonly string[]): PrintedRadius[] {
  const distinct = [...new Set(texts)].filter((text) => Number(text) > 0);
  const decimals = [...new Set(distinct.map(decimalsOf))];
  const padded = distinct.some((text) => decimalsOf(text) >= 2 && text.endsWith('0'));
  const fixed = decimals.length === 1 && (padded || decimals[0] >= FIXED_DECIMALS);
  const digits = Math.min(MOST_DIGITS, Math.max(FEWEST_DIGITS, ...distinct.map(digitsOf)));
  return distinct
    .map((text) => {
      const value = Number(text);
      const ofDigits = magnitudeOf(value) - digits + 1;
      const ofDecimals = decimals.length === 1 && decimals[0] > 1 ? -decimals[0] : -Infinity;
      const unit = Number(`1e${fixed ? ofDecimals : Math.max(ofDigits, ofDecimals)}`);
      return { text, value, unit };
    })
    .sort((a, b) => b.value - a.value);
}

/** The values that a printed radius can have had. */
export function valuesOf({ value, unit }: PrintedRadius, printing: Printing): { low: number; high: number } {
  return printing === 'rounded'
    ? { low: Math.max(0, value - unit / 2), high: value + unit / 2 }
    : { low: value, high: value + unit };
}

function decimalsOf(text: string): number {
  return text.includes('e') || text.includes('E') ? -1 : (text.split('.')[1] ?? '').length;
}

function digitsOf(text: string): number {
  return text.replace(/e.*$/i, '').replace('.', '').replace(/^0+/, '').replace(/0+$/, '').length;
}

/** The power of ten of a number's first digit. */
function magnitudeOf(value: number): number {
  return Number(value.toExponential().split('e')[1]);
}

/** Whether radii may be those of `certify.py` itself: none has more digits than it prints. */
export function hasFewDigits(texts: readonly string[]): boolean {
  return texts.every((text) => digitsOf(text) <= FEWEST_DIGITS);
}
