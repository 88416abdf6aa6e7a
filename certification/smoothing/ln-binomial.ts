import { add, divide, fromNumber, multiply, productOf, scale, subtract } from './double-double.ts';
import { LN_SQRT_2_PI, ONE } from './double-double-constants.ts';
import { ln } from './ln.ts';
import type { DoubleDouble } from './double-double.ts';
import type { Probability } from './probability.ts';

/** B₂ᵢ / (2i(2i − 1)), i = 1 … 13, as fractions. At k = 32 the first one left out is below 1e-34. */
const STIRLING = (
  [
    [1, 12],
    [-1, 360],
    [1, 1260],
    [-1, 1680],
    [5, 5940],
    [-691, 360360],
    [7, 1092],
    [-3617, 122400],
    [43867, 244188],
    [-174611, 125400],
    [854513, 63756],
    [-236364091, 1506960],
    [8553103, 3900],
  ] as const
).map(([numerator, denominator]) => divide(fromNumber(numerator), fromNumber(denominator)));
const LEAST_FOR_SERIES = 32;

/** ln k! − ln(√(2πk) (k/e)ᵏ), the error of Stirling's formula (Loader's `stirlerr`), for integers k ≥ 1. */
function stirlingError(k: number): DoubleDouble {
  if (k < LEAST_FOR_SERIES) {
    let factorial = ONE;
    for (let i = 2; i <= k; i += 1) factorial = multiply(factorial, fromNumber(i));
    const lnK = ln(fromNumber(k));
    const stirling = add(subtract(multiply(fromNumber(k), lnK), fromNumber(k)), add(scale(lnK, 0.5), LN_SQRT_2_PI));
    return subtract(ln(factorial), stirling);
  }
  const inverse = divide(ONE, fromNumber(k));
  const inverseSquare = multiply(inverse, inverse);
  let power = inverse;
  let sum = fromNumber(0);
  for (const coefficient of STIRLING) {
    sum = add(sum, multiply(power, coefficient));
    power = multiply(power, inverseSquare);
    if (power.hi < 1e-36) break;
  }
  return sum;
}

/**
 * ln P(Bin(n, p) = k) for integers 0 ≤ k ≤ n ≤ 1e12: absolute error ≤ n·1e-31 + 1e-28.
 * Method: the saddle-point expansion of C. Loader, "Fast and accurate computation of binomial probabilities" (2000), whose
 * deviance terms need no special care in double-doubles.
 */
export function lnBinomial({ k, n, at }: { k: number; n: number; at: Probability }): DoubleDouble {
  const count = fromNumber(n);
  if (k === 0) return multiply(count, at.lnQ);
  if (k === n) return multiply(count, at.lnP);
  const successes = fromNumber(k);
  const failures = fromNumber(n - k);
  const corrections = subtract(stirlingError(n), add(stirlingError(k), stirlingError(n - k)));
  const lnShareP = ln(divide(successes, count));
  const lnShareQ = ln(divide(failures, count));
  const deviance = add(multiply(successes, subtract(at.lnP, lnShareP)), multiply(failures, subtract(at.lnQ, lnShareQ)));
  const lnVariance = ln(divide(productOf(k, n - k), count));
  return subtract(add(corrections, deviance), add(LN_SQRT_2_PI, scale(lnVariance, 0.5)));
}
