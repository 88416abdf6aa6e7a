/** Most points of a curve, so that its file stays small and its bounds quick. */
const MOST_POINTS = 200;
/** Fewer steps than this make no curve: the grid is refined tenfold. */
const FEWEST_STEPS = 20;
/** Points a unit, finest first; all but the last two hold the multiples of 0.25 that papers report. */
const POINTS_PER_UNIT = [100, 40, 20, 8, 4, 2, 1];

/**
 * Radii of a certified-accuracy curve: i / d from 0 up to and including the first that is at least `greatest`, with d
 * the first of 100, 40, 20, 8, 4, 2, 1 that needs at most 200 points. Where inputs aren't pixels radii can have any
 * size: d is multiplied by 10 for radii below 0.2, 0.02, …, and divided by 10 above 199, 1990, ….
 *
 * @param greatest the greatest radius that a certificate can reach, ≥ 0, in input units.
 * @returns ascending radii, each the double nearest to its fraction.
 */
export function radiusGrid(greatest: number): number[] {
  if (!(greatest >= 0 && greatest < Infinity)) {
    throw new RangeError(`Can't lay a grid of radii up to ${greatest}: expected a finite number of at least 0.`);
  }
  if (greatest === 0) return [0];
  let finer = 1;
  while (greatest * POINTS_PER_UNIT[0] * finer <= FEWEST_STEPS - 1) finer *= 10;
  let coarser = 1;
  for (;;) {
    for (const perUnit of POINTS_PER_UNIT) {
      const radii = gridTo(greatest, coarser, perUnit * finer);
      if (radii.length <= MOST_POINTS) return radii;
    }
    coarser *= 10;
  }
}

/** i · numerator / denominator up to the first that reaches `greatest`, or more than MOST_POINTS of them. */
function gridTo(greatest: number, numerator: number, denominator: number): number[] {
  const radii = [0];
  while (radii[radii.length - 1] < greatest && radii.length <= MOST_POINTS) {
    radii.push((radii.length * numerator) / denominator);
  }
  return radii;
}
