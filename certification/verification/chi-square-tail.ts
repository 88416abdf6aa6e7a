import { normalCdf } from '../smoothing/normal-cdf.ts';

/** Terms are scaled down by this before they overflow. */
const LARGE = 1e200;

/**
 * P(χ² ≥ x), the upper tail of the χ² law: the regularised incomplete gamma function Q(df/2, x/2).
 *
 * @param x the statistic, ≥ 0 and finite
 * @param df degrees of freedom, an integer from 1 to 1e6
 * @returns the tail; relative error ≤ 1e-10 down to 1e-290, for x up to 1e5
 * @throws RangeError when an argument is out of range
 *
 * Method: for integer df the finite sums of Abramowitz & Stegun 26.4.4 and 26.4.5, all of whose terms are positive: with
 * h = x/2, `e⁻ʰ Σ hʲ/Γ(j+1)` over j = 0, 1, … < df/2 for even df, and over j = ½, 1½, … < df/2 for odd df, with
 * 2(1 − Φ(√x)) added.
 */
export function chiSquareTail({ x, df }: { x: number; df: number }): number {
  if (!(x >= 0 && x < Infinity)) throw new RangeError(`A χ² statistic must be finite and at least 0, and is ${x}.`);
  if (!Number.isInteger(df) || df < 1 || df > 1e6) {
    throw new RangeError(`Degrees of freedom must be an integer from 1 to 1e6, and are ${df}.`);
  }
  if (x === 0) return 1;
  const h = x / 2;
  const odd = df % 2 === 1;
  let term = odd ? 2 * Math.sqrt(h / Math.PI) : 1;
  let sum = 0;
  let lnScale = -h;
  for (let j = odd ? 0.5 : 0; j < df / 2; j++) {
    sum += term;
    term *= h / (j + 1);
    if (term > LARGE) {
      term /= LARGE;
      sum /= LARGE;
      lnScale += Math.log(LARGE);
    }
  }
  const sumTail = sum === 0 ? 0 : Math.exp(lnScale + Math.log(sum));
  return Math.min(1, sumTail + (odd ? 2 * normalCdf(-Math.sqrt(x)) : 0));
}
