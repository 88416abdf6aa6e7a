import { betaQuantile } from './beta-quantile.ts';
import { ONE } from './double-double-constants.ts';
import { divide, fromNumber, multiply, negate, subtract, sumOf } from './double-double.ts';
import { exp, expm1 } from './exp.ts';
import { ln } from './ln.ts';
import type { DoubleDouble } from './double-double.ts';

/** Bounds on a probability and on its complement, p from below and q from above. */
export interface ExactBound {
  readonly p: DoubleDouble;
  readonly q: DoubleDouble;
}

/** More than the relative error of the lesser of p and q: what Newton's method and the continued fraction leave … */
const ERROR = 1e-23;
/** … and the rounding of terms of size n, a hundredfold. */
const ERROR_PER_SAMPLE = 1e-29;

/** 2⁻⁵³: a decimal's distance from the double nearest it, in shares of either. */
const DECIMAL_ERROR = 1.1102230246251565e-16;

/**
 * The bound of `lowerBound`, for the same arguments (unchecked), before it is rounded to doubles: p never above the true bound, q
 * never below its complement, each within a relative error of 2e-23 + 2e-29·n while above 1e-290,
 * at the least level that could have been written for `alpha` (0.001 is not a double, and the one nearest it is greater).
 */
export function exactLowerBound({ count, n, alpha }: { count: number; n: number; alpha: number }): ExactBound {
  if (count === 0) return { p: fromNumber(0), q: ONE };
  const level = sumOf(alpha, -alpha * DECIMAL_ERROR);
  const { p, q } = count === n ? allOf({ n, level }) : betaQuantile({ k: count, n, level });
  const error = ERROR + n * ERROR_PER_SAMPLE;
  return { p: multiply(p, sumOf(1, -error)), q: atMostOne(multiply(q, sumOf(1, error))) };
}

/** P(Bin(n, p) ≥ n) = pⁿ = α. */
function allOf({ n, level }: { n: number; level: DoubleDouble }): ExactBound {
  const lnBound = divide(ln(level), fromNumber(n));
  return { p: exp(lnBound), q: negate(expm1(lnBound)) };
}

/** The lesser of 1 and `bound`. */
export function atMostOne(bound: DoubleDouble): DoubleDouble {
  return subtract(bound, ONE).hi > 0 ? ONE : bound;
}
