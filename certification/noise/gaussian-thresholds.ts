import type { Rational } from './exact-rational.ts';

/** Fraction bits of φ, of x and of the exponentials. */
const WIDE = 256n;
/** Fraction bits of the power series, and of the result. */
const SERIES = 128n;
/** ⌊2^256 / √(2π)⌋ */
const INVERSE_SQRT_TWO_PI = 0x662114cf50d942343f2cf1402eae38bfd3829f30512706d8c0471b4802639d2en;
/** Bound on the error of Φ, in units of 2^−128; see `gaussianThresholds`. */
const ERROR = 1n << 20n;
const LAST = (1n << 64n) - 1n;
/** 1 − Φ(10) < 2^−76: no threshold lies beyond, and up to here the precision suffices. */
const LARGEST_X = 10n;

/**
 * The upper half of the thresholds, `⌊2⁶⁴ Φ((k+½)/s)⌋` for k = 0, 1, … while `1 − Φ((k+½)/s) ≥ 2⁻⁶⁴`. The lower half
 * mirrors it: `Φ(−x) = 1 − Φ(x)`, so the threshold of −1−k is `2⁶⁴ − 1` minus that of k.
 *
 * With x = (k+½)/s, `Φ(x) = ½ + φ(x) · x · Σ tₙ`, where t₀ = 1 and tₙ₊₁ = tₙ x²/(2n+3) (Abramowitz & Stegun 26.2.11): all
 * terms are positive, nothing cancels. φ follows from one k to the next by two multiplications, for
 * (2k+3)² − (2k+1)² = 8(k+1).
 *
 * Error. Truncations put tₙ off by at most 4n·max(tₙ, 1) units of 2^−128. There are fewer than 400 terms, and
 * φ x Σtₙ ≤ ½, φ x < ¼, so the sum's share in Φ is below 1600·(½ + 100) < 2^18 units. φ is off by less than 2^−200 and
 * meets x Σtₙ < 2^73: below one unit. A threshold that the error could move (chance about 2^−43 each) is refused.
 *
 * @param s the standard deviation in lattice steps, as a fraction
 * @throws RangeError when the precision does not settle a threshold
 */
export function gaussianThresholds(s: Rational): bigint[] {
  const thresholds: bigint[] = [];
  if (s.denominator > LARGEST_X * 2n * s.numerator) return thresholds;
  const squareUnit = ((s.denominator * s.denominator) << WIDE) / (4n * s.numerator * s.numerator);
  const xUnit = (s.denominator << WIDE) / (2n * s.numerator);
  const ratio = exponential(4n * squareUnit);
  let density = (exponential(squareUnit >> 1n) * INVERSE_SQRT_TWO_PI) >> WIDE;
  let step = ratio;
  for (let odd = 1n; odd * s.denominator <= LARGEST_X * 2n * s.numerator; odd += 2n) {
    const series = oddSeries((odd * odd * squareUnit) >> (WIDE - SERIES));
    const aboveHalf = (((density * odd * xUnit) >> WIDE) * series) >> WIDE;
    const cdf = (1n << (SERIES - 1n)) + aboveHalf;
    const threshold = cdf >> (SERIES - 64n);
    if ((cdf - ERROR) >> (SERIES - 64n) !== threshold || (cdf + ERROR) >> (SERIES - 64n) !== threshold) {
      throw new RangeError(
        `The threshold of ${(odd - 1n) / 2n} lies within 2^-108 of a multiple of 2^-64: change sigma's last digit.`,
      );
    }
    if (threshold >= LAST) break;
    thresholds.push(threshold);
    density = (density * step) >> WIDE;
    step = (step * ratio) >> WIDE;
  }
  return thresholds;
}

/** Σ tₙ for the given x². */
function oddSeries(square: bigint): bigint {
  let term = 1n << SERIES;
  let sum = term;
  for (let divisor = 3n; term > 0n; divisor += 2n) {
    term = ((term * square) >> SERIES) / divisor;
    sum += term;
  }
  return sum;
}

/** exp(−z) for 0 ≤ z ≤ 400, to 2^−230: Taylor at z/2^14, then 14 squarings. */
function exponential(z: bigint): bigint {
  const reduced = z >> 14n;
  let term = 1n << WIDE;
  let result = term;
  for (let n = 1n; term !== 0n; n++) {
    // Division truncates towards zero, so that the alternating terms do end at 0.
    term = -(term * reduced) / (n << WIDE);
    result += term;
  }
  for (let i = 0; i < 14; i++) result = (result * result) >> WIDE;
  return result;
}
