import { checkSigma } from './check-arguments.ts';
import { fromNumber, multiply } from './double-double.ts';
import { normalUpperQuantile } from './normal-quantile.ts';
import { roundDown } from './round-outward.ts';

/**
 * The certified ℓ2 radius −σ Φ⁻¹(1 − p̲) of Cohen, Rosenfeld & Kolter (ICML 2019, arXiv 1902.02918, Theorem 1 with p̄_B = 1 − p̲_A).
 *
 * @param sigma the noise's standard deviation, in input units; above 0
 * @param oneMinusLowerBound an upper bound on 1 − p_A, in (0, 1]; down to 1e-300
 * @returns the radius in input units, never above the true value for these arguments and within two units in the last place
 *   of it; above 0 where `oneMinusLowerBound` < ½, and 0 where it is not
 * @throws RangeError where an argument is out of its range
 */
export function radius({ sigma, oneMinusLowerBound }: { sigma: number; oneMinusLowerBound: number }): number {
  checkSigma(sigma);
  if (!(oneMinusLowerBound > 0 && oneMinusLowerBound <= 1)) {
    throw new RangeError(`1 − p must be above 0 and at most 1, and is ${oneMinusLowerBound}.`);
  }
  if (oneMinusLowerBound >= 0.5) return 0;
  return roundDown(multiply(normalUpperQuantile(fromNumber(oneMinusLowerBound)), fromNumber(sigma)));
}
