import { claimThreat } from './claim-threat.ts';
import { toOwnNorm } from './convert-norm.ts';
import type { Claim, SequentialSampling } from './records/claim.ts';
import { nextUp } from './smoothing/next-double.ts';
import { sequentialThresholds, type SequentialThresholds } from './smoothing/sequential-thresholds.ts';

/** Distances to the lattice are rounded up to this share of the noise's scale, so that few tables serve all examples. */
const MOVED_STEPS_PER_SCALE = 1024;

const tables = new Map<string, SequentialThresholds>();

/**
 * The thresholds of a claim's looks, computed once for each radius.
 *
 * @param moved how far the example was moved to its lattice point, in input units and the noise's own norm: the radius about the point, in
 * that norm, must be larger by that.
 */
export function lookTable(
  claim: Pick<Claim, 'norm' | 'noise' | 'model'>,
  { radii, n, alpha }: SequentialSampling,
  moved: number,
): SequentialThresholds {
  const { sigma, lambda, budget } = claim.noise;
  const scale = lambda ?? sigma;
  const threat = claimThreat(claim);
  const shift = (Math.ceil((moved / scale) * MOVED_STEPS_PER_SCALE) / MOVED_STEPS_PER_SCALE) * scale;
  const key = JSON.stringify([radii, n, alpha, sigma, lambda ?? null, threat, budget, shift]);
  const known = tables.get(key);
  if (known !== undefined) return known;
  const about = (radius: number) => {
    const own = toOwnNorm(radius, threat);
    return shift === 0 ? own : nextUp(own + nextUp(shift));
  };
  const table = sequentialThresholds({ radii: radii.map(about), sigma, lambda, n, alpha, margin: budget });
  const own = { ...table, radii: table.radii.map((thresholds, at) => ({ ...thresholds, radius: radii[at] })) };
  tables.set(key, own);
  return own;
}
