import { radiusGrid } from '../report/radius-grid.ts';

/** Papers read their tables at multiples of 0.25 up to here, whatever the greatest radius. */
const LEAST_END = 1.5;
/** Of the multiples of 0.25. */
const FEWEST_A_UNIT = 4;
/** Points of a curve; a grid that needs more doesn't go to `LEAST_END`, or is coarser. */
const MOST_POINTS = 20_000;

/**
 * Radii of the curve of an import, evenly spaced: up to 1.5 at least, with the multiples of 0.25, and as fine as the curve of
 * a run with that greatest radius.
 *
 * @param greatest of the file's radii, ≥ 0.
 */
export function importedRadii(greatest: number): number[] {
  const own = radiusGrid(greatest);
  const perUnit = own.length === 1 ? FEWEST_A_UNIT : Math.max(FEWEST_A_UNIT, Math.round(1 / own[1]));
  const steps = Math.ceil(Math.max(greatest, LEAST_END) * perUnit);
  return steps < MOST_POINTS ? Array.from({ length: steps + 1 }, (_, at) => at / perUnit) : own;
}
