import { binomialTailAtMost } from '../smoothing/binomial-tail-at-most.ts';
import { fromNumber } from '../smoothing/double-double.ts';
import { leastInteger } from '../smoothing/least-integer.ts';
import { lowerBound } from '../smoothing/lower-bound.ts';
import { normalCdf } from '../smoothing/normal-cdf.ts';
import { normalUpperQuantile } from '../smoothing/normal-quantile.ts';
import { runnerUpLevels } from '../smoothing/runner-up-bounds.ts';
import type { Bound } from '../smoothing/bound.ts';

/**
 * Whether radii that CERTIFY gives lie in an interval: at least one does, none does, or so many do about there that
 * the interval need not be searched.
 */
export type Occupancy = 'some' | 'none' | 'dense';

/** An interval of radii in units of σ, with the probabilities at its ends. */
export interface RadiusInterval {
  readonly low: number;
  readonly high: number;
  /** Φ(low). */
  readonly from: number;
  /** Φ(high). */
  readonly to: number;
}

/** The radii that CERTIFY can give, in units of σ: as counts are whole numbers they are a lattice. */
export interface RadiusLattice {
  /** That of an example whose every sample is of the selected class. */
  readonly greatest: number;
  occupancy(interval: RadiusInterval): Occupancy;
}

/** Φ is 1 here, as a double. */
const CERTAIN = 30;

/** @param low 0 ≤ low ≤ high, in units of σ. */
export function radiusInterval(low: number, high: number): RadiusInterval {
  return { low, high, from: normalCdf(Math.min(low, CERTAIN)), to: normalCdf(Math.min(high, CERTAIN)) };
}

/** With the runner-up bound the lattice is listed for up to as many samples of other classes. */
const MOST_OTHERS = 40;

/**
 * The lattice of radii of CERTIFY (Cohen, Rosenfeld & Kolter, arXiv 1902.02918, §3.2.2).
 *
 * With `clopper-pearson` it is Φ⁻¹(p̲(k)) for k ≤ n. With `runner-up` it has two counts, k and the largest other one: it is
 * listed for the 40 greatest k, and dense below.
 *
 * @param n estimation samples, an integer in 1 … 1e12
 * @param alpha the level of a certificate, in (0, ½]
 */
export function radiusLattice({ n, alpha, bound }: { n: number; alpha: number; bound: Bound }): RadiusLattice {
  return bound === 'clopper-pearson' ? onOneCount(n, alpha) : onTwoCounts(n, alpha);
}

function onOneCount(n: number, alpha: number): RadiusLattice {
  const upper = (others: number) => lowerBound({ count: n - others, n, alpha }).oneMinusLowerBound;
  const best = upper(0);
  // Bounds on 1 − p stand further apart the fewer the other samples are: this is the widest gap.
  const widest = n === 1 ? 1 : upper(1) - best;
  const greatest = quantile(best);
  return {
    greatest,
    occupancy: ({ low, high, from, to }) => {
      if (low > greatest) return 'none';
      if (high >= greatest) return 'some';
      if (to - from > widest) return 'dense';
      const least = leastInteger({
        from: Math.floor(n * from),
        to: n,
        holds: (k) => k === n || binomialTailAtMost({ k, n, p: from, level: alpha }),
      });
      // p̲(least) is at least `from`, and in the interval unless it is `to` or more.
      return binomialTailAtMost({ k: least, n, p: to, level: alpha }) ? 'none' : 'some';
    },
  };
}

function onTwoCounts(n: number, alpha: number): RadiusLattice {
  const levels = runnerUpLevels({ alpha });
  const top = (others: number) => {
    const tail = lowerBound({ count: n - others, n, alpha: levels.top }).oneMinusLowerBound;
    return tail < 0.5 ? quantile(tail) : -quantile(Math.max(Number.MIN_VALUE, 1 - tail));
  };
  const greatest = top(0);
  let listed: { radii: Float64Array; from: number } | undefined;
  return {
    greatest,
    occupancy: ({ low, high }) => {
      if (low > greatest) return 'none';
      if (high >= greatest) return 'some';
      listed ??= listRadii({ n, level: levels.runnerUp, top });
      if (low < listed.from) return 'dense';
      return listed.radii.some((each) => each >= low && each <= high) ? 'some' : 'none';
    },
  };
}

/** The radii ½(Φ⁻¹(p̲_A) − Φ⁻¹(p̄_B)) of the greatest counts, and from where on upwards they are all. */
function listRadii({ n, level, top }: { n: number; level: number; top: (others: number) => number }): {
  radii: Float64Array;
  from: number;
} {
  const most = Math.min(MOST_OTHERS, Math.floor(n / 2));
  // Of the runner-up's samples as of the other classes': with all others its own this would be the better bound never.
  const below = Array.from({ length: most + 1 }, (_, count) => {
    const tail = lowerBound({ count: n - count, n, alpha: level }).oneMinusLowerBound;
    return tail < 0.5 ? quantile(tail) : 0;
  });
  const radiusOf = (above: number, count: number) => (above + Math.max(above, below[count])) / 2;
  const radii: number[] = [top(0)];
  for (let others = 1; others <= most; others += 1) {
    const above = top(others);
    for (let count = 1; count <= others; count += 1) radii.push(radiusOf(above, count));
  }
  return { radii: Float64Array.from(radii), from: most < n ? radiusOf(top(most + 1), 1) : 0 };
}

function quantile(tail: number): number {
  return normalUpperQuantile(fromNumber(tail)).hi;
}
