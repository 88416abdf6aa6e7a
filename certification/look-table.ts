import type { Claim, SequentialSampling } from './records/claim.ts';
import { nextUp } from './smoothing/next-double.ts';
import { sequentialThresholds, type SequentialThresholds } from './smoothing/sequential-thresholds.ts';

/** Distances to the lattice are rounded up to this share of sigma, so that few tables serve all examples. */
const MOVED_STEPS_PER_SIGMA = 1024;

const tables = new Map<string, SequentialThresholds>();

/**
 * The thresholds of a claim's looks, computed once for each radius.
 *
 * @param moved how far the example was moved to its lattice point, in input units: the radius about the point must be larger by that.
 */
export function lookTable(
  { noise }: Pick<Claim, 'noise'>,
  { radii, n, alpha }: SequentialSampling,
  moved: number,
): SequentialThresholds {
  const { sigma, budget } = noise;
  const shift = (Math.ceil((moved / sigma) * MOVED_STEPS_PER_SIGMA) / MOVED_STEPS_PER_SIGMA) * sigma;
  const key = JSON.stringify([radii, n, alpha, sigma, budget, shift]);
  const known = tables.get(key);
  if (known !== undefined) return known;
  const about = (radius: number) => (shift === 0 ? radius : nextUp(radius + nextUp(shift)));
  const table = sequentialThresholds({ radii: radii.map(about), sigma, n, alpha, margin: budget });
  const own = { ...table, radii: table.radii.map((thresholds, at) => ({ ...thresholds, radius: radii[at] })) };
  tables.set(key, own);
  return own;
}
