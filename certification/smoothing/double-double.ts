/**
 * An unevaluated sum `hi + lo` of two doubles with |lo| ≤ ulp(hi)/2: some 106 bits, in IEEE additions, multiplications
 * and divisions alone, so that every engine gives the same bits. Relative error of each operation ≤ 2⁻¹⁰⁰ while nothing
 * underflows (|value| above about 1e-290).
 *
 * The statistics are worked in it so that what is handed out can be rounded outward by one step and no more.
 * Source: Dekker, Numer. Math. 18 (1971); Joldes, Muller & Popescu, ACM TOMS 44 (2017).
 */
export interface DoubleDouble {
  readonly hi: number;
  readonly lo: number;
}

/** 2²⁷ + 1 cuts a double into two halves of 26 bits (Veltkamp). */
const SPLITTER = 134217729;

export function fromNumber(value: number): DoubleDouble {
  return { hi: value, lo: 0 };
}

/** The exact sum of two doubles (Knuth's TwoSum). */
export function sumOf(a: number, b: number): DoubleDouble {
  const hi = a + b;
  const virtual = hi - a;
  return { hi, lo: a - (hi - virtual) + (b - virtual) };
}

/** The exact product of two doubles of moderate size (Dekker's TwoProduct). */
export function productOf(a: number, b: number): DoubleDouble {
  const hi = a * b;
  const scaledA = SPLITTER * a;
  const highA = scaledA - (scaledA - a);
  const lowA = a - highA;
  const scaledB = SPLITTER * b;
  const highB = scaledB - (scaledB - b);
  const lowB = b - highB;
  return { hi, lo: highA * highB - hi + highA * lowB + lowA * highB + lowA * lowB };
}

/** Renormalises `hi + lo` where |hi| ≥ |lo|. */
function normalised(hi: number, lo: number): DoubleDouble {
  const sum = hi + lo;
  return { hi: sum, lo: lo - (sum - hi) };
}

export function add(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const high = sumOf(a.hi, b.hi);
  const low = sumOf(a.lo, b.lo);
  const carried = normalised(high.hi, high.lo + low.hi);
  return normalised(carried.hi, carried.lo + low.lo);
}

export function negate(a: DoubleDouble): DoubleDouble {
  return { hi: -a.hi, lo: -a.lo };
}

export function subtract(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  return add(a, negate(b));
}

export function multiply(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const product = productOf(a.hi, b.hi);
  return normalised(product.hi, product.lo + (a.hi * b.lo + a.lo * b.hi));
}

export function divide(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const first = a.hi / b.hi;
  const remainder = subtract(a, multiply(b, fromNumber(first)));
  const second = remainder.hi / b.hi;
  const rest = subtract(remainder, multiply(b, fromNumber(second)));
  const quotient = normalised(first, second);
  return add(quotient, fromNumber(rest.hi / b.hi));
}

/** `a · factor` for a power of two: exact while nothing underflows. */
export function scale(a: DoubleDouble, factor: number): DoubleDouble {
  return { hi: a.hi * factor, lo: a.lo * factor };
}
