import { radiusGrid } from '../report/radius-grid.ts';

/** Papers read their tables at multiples of 0.25 up to here, whatever the greatest radius. */
const LEAST_END = 1.5;
/** Points a unit: the fewest have the multiples of 0.25; more than the most make no readable curve. */
const PER_UNIT = { fewest: 4, most: 1000 };
/** Radii so great that the multiples of 0.25 are more than this don't have them. */
const MOST_POINTS = 20_000;

/**
 * Radii of the curve of an import, evenly spaced: up to 1.5 at least, with the multiples of 0.25, and as fine as the curve of
 * a run with that greatest radius, or a thousandth.
 *
 * @param greatest of the file's radii, ≥ 0.
 */
export function importedRadii(greatest: number): number[] {
  const own = radiusGrid(greatest);
  const asFine = own.length === 1 ? PER_UNIT.fewest : Math.round(1 / own[1]);
  const perUnit = Math.min(PER_UNIT.most, Math.max(PER_UNIT.fewest, asFine));
  const steps = Math.ceil(Math.max(greatest, LEAST_END) * perUnit);
  return steps < MOST_POINTS ? Array.from({ length: steps + 1 }, (_, at) => at / perUnit) : own;
}
