import type { SequentialThresholds } from './sequential-thresholds.ts';

/** What sequential mode says of one radius of one example. */
export interface RadiusDecision {
  readonly radius: number;
  readonly certified: boolean;
  /** The look that decided it, counted from 1. */
  readonly look: number;
  /** Samples up to that look, and how many of them were of the selected class. */
  readonly n: number;
  readonly count: number;
}

/** The count of the selected class at one look. */
export interface LookCount {
  /** Counted from 1. */
  readonly look: number;
  readonly count: number;
}

/**
 * The decisions that the looks at one example's counts lead to: at each look the smallest undecided radius is certified where the count
 * reaches its threshold, then the next; a radius out of reach is given up with all larger ones.
 *
 * @param counts at the looks taken, in order. Looks that decided nothing may be left out: the decisions are the same.
 * @returns a decision for each radius that is decided, in order of radius and, of those given up, of look. All radii decided, the
 *   example needs no more samples.
 */
export function sequentialDecisions({ looks, radii }: SequentialThresholds, counts: readonly LookCount[]) {
  const certified: RadiusDecision[] = [];
  let givenUp: RadiusDecision[] = [];
  const open = () => radii.length - certified.length - givenUp.length;
  for (const { look, count } of counts) {
    const decide = ({ radius }: { radius: number }, certain: boolean): RadiusDecision => ({
      radius,
      certified: certain,
      look,
      n: looks[look - 1],
      count,
    });
    while (open() > 0 && count >= radii[certified.length].reject[look - 1]) {
      certified.push(decide(radii[certified.length], true));
    }
    const undecided = radii.slice(certified.length, certified.length + open());
    const firstFutile = undecided.findIndex(({ futile }) => count <= futile[look - 1]);
    if (firstFutile >= 0) {
      givenUp = [...undecided.slice(firstFutile).map((radius) => decide(radius, false)), ...givenUp];
    }
  }
  return [...certified, ...givenUp];
}
