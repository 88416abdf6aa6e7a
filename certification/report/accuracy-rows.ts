import type { Summary } from '../records/summary.ts';
import { curvePointAt } from './curve-point-at.ts';
import { decimalsNeeded } from './decimals-needed.ts';
import { floorPercent } from './floor-percent.ts';
import { tableRadii } from './table-radii.ts';

/** One row of a certified-accuracy table, as printed. */
export interface AccuracyRow {
  readonly radius: string;
  readonly certified: string;
  readonly accuracy: string;
  readonly lower: string;
  readonly wholeCurveLower: string;
}

/**
 * Rows of a certified-accuracy table: percentages have two decimals and are floored, radii as many decimals as they need.
 *
 * @param radii where to read the curve; left out, those of `tableRadii`.
 * @throws PerimeterError `InvalidRequest` where the curve has no point at a radius.
 */
export function accuracyRows(
  { examples, curve }: Summary,
  radii: readonly number[] = tableRadii(curve),
): AccuracyRow[] {
  const decimals = Math.max(2, decimalsNeeded(radii));
  const percent = (share: number) => floorPercent(Math.round(share * examples), examples);
  return radii.map((radius) => {
    const { certified, lower, wholeCurveLower } = curvePointAt(curve, radius);
    return {
      radius: radius.toFixed(decimals),
      certified: String(certified),
      accuracy: floorPercent(certified, examples),
      lower: percent(lower),
      wholeCurveLower: percent(wholeCurveLower),
    };
  });
}
