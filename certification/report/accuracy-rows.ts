import type { Summary } from '../records/summary.ts';
import { curvePointAt } from './curve-point-at.ts';
import { floorPercent } from './floor-percent.ts';
import { radiusTexts } from './radius-texts.ts';
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
export function accuracyRows(summary: Summary, radii: readonly number[] = tableRadii(summary)): AccuracyRow[] {
  const { examples } = summary;
  const texts = radiusTexts(radii);
  const percent = (share: number) => floorPercent(Math.round(share * examples), examples);
  return radii.map((radius, at) => {
    const { certified, lower, wholeCurveLower } = curvePointAt(summary, radius);
    return {
      radius: texts[at],
      certified: String(certified),
      accuracy: floorPercent(certified, examples),
      lower: percent(lower),
      wholeCurveLower: percent(wholeCurveLower),
    };
  });
}
