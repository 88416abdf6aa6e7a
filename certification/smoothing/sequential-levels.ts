import { fromNumber, multiply } from './double-double.ts';
import { ln } from './ln.ts';

/** The share of alpha that the looks before the last may spend together; the last look has the rest. */
const INTERIM_SHARE = 0.1;
/** A decimal alpha lies within 2⁻⁵³ of the double nearest it; the rest is more than the rounding of level and statistic to doubles. */
const LEVEL_ERROR = 5e-16;

/**
 * The logarithms of the levels at which sequential mode tests: all looks before the last together at alpha/10, the last at 0.9·alpha.
 * Each is rounded down, and their sum with it.
 */
export function lnSequentialLevels(alpha: number): { readonly interim: number; readonly last: number } {
  const lnOf = (share: number) => {
    const exact = ln(multiply(fromNumber(alpha), fromNumber(share))).hi;
    return exact - LEVEL_ERROR * (1 - exact);
  };
  return { interim: lnOf(INTERIM_SHARE), last: lnOf(1 - INTERIM_SHARE) };
}
