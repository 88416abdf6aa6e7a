import { binomialTailAtMost } from '../certification/smoothing/binomial-tail-at-most.ts';
import { leastInteger } from '../certification/smoothing/least-integer.ts';
import { lowerBound } from '../certification/smoothing/lower-bound.ts';
import { normalCdf } from '../certification/smoothing/normal-cdf.ts';
import { radius } from '../certification/smoothing/radius.ts';

/** The published code prints radii with as many significant digits. */
const PRINTED_DIGITS = 3;

/**
 * The counts that printed radii of CERTIFY with the Clopper–Pearson bound come from: for each the one whose radius is nearest.
 *
 * @param radii above 0, as printed
 * @param levels what alpha may have been: the first is taken at which each radius is a count's, to all its digits
 * @returns the counts and their alpha, or undefined where no level explains the radii
 */
export function recoverCounts({
  radii,
  sigma,
  n,
  levels,
}: {
  radii: readonly number[];
  sigma: number;
  n: number;
  levels: readonly number[];
}): { alpha: number; counts: number[] } | undefined {
  for (const alpha of levels) {
    const counts: number[] = [];
    for (const printed of radii) {
      const count = nearestCount({ printed, sigma, n, alpha });
      if (Number(radiusOf({ count, sigma, n, alpha }).toPrecision(PRINTED_DIGITS)) !== printed) break;
      counts.push(count);
    }
    if (counts.length === radii.length) return { alpha, counts };
  }
  return undefined;
}

interface Setting {
  readonly sigma: number;
  readonly n: number;
  readonly alpha: number;
}

function nearestCount({ printed, sigma, n, alpha }: Setting & { printed: number }): number {
  const p = normalCdf(printed / sigma);
  const above = leastInteger({
    from: Math.floor(n * p),
    to: n,
    holds: (k) => k === n || binomialTailAtMost({ k, n, p, level: alpha }),
  });
  const distance = (count: number) => Math.abs(radiusOf({ count, sigma, n, alpha }) - printed);
  return distance(above - 1) < distance(above) ? above - 1 : above;
}

function radiusOf({ count, sigma, n, alpha }: Setting & { count: number }): number {
  return radius({ sigma, ...lowerBound({ count, n, alpha }) });
}
