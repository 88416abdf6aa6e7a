import { subtract, sumOf } from './double-double.ts';
import { ONE } from './double-double-constants.ts';
import { exp } from './exp.ts';
import { ln } from './ln.ts';
import type { DoubleDouble } from './double-double.ts';

/** A probability strictly between 0 and 1 with its complement and both logarithms, each accurate on its own. */
export interface Probability {
  readonly p: DoubleDouble;
  readonly q: DoubleDouble;
  readonly lnP: DoubleDouble;
  readonly lnQ: DoubleDouble;
}

/** The exact sum of two doubles as a probability: `probabilityOf(0.5, margin)`. */
export function probabilityOf(value: number, offset = 0): Probability {
  const p = sumOf(value, offset);
  const q = subtract(ONE, p);
  return { p, q, lnP: ln(p), lnQ: ln(q) };
}

/** The probability whose logarithm is `lnP` < 0; accurate in relative terms where it is small. */
export function probabilityFromLn(lnP: DoubleDouble): Probability {
  const p = exp(lnP);
  const q = subtract(ONE, p);
  return { p, q, lnP, lnQ: ln(q) };
}

export function complementOf({ p, q, lnP, lnQ }: Probability): Probability {
  return { p: q, q: p, lnP: lnQ, lnQ: lnP };
}

/** ln(1 − eˣ) for x < 0. */
export function lnOneMinusExp(x: DoubleDouble): DoubleDouble {
  return ln(subtract(ONE, exp(x)));
}
