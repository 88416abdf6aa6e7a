import type { CurvePoint } from '../records/summary.ts';
import { roundSteps } from './round-steps.ts';

const USUAL_STEP = 0.25;
const FEWEST_ROWS = 3;
const MOST_ROWS = 20;

/**
 * Radii to show in a table, all of them on the curve: multiples of 0.25, as papers have them, up to the last with
 * something certified; of a finer or coarser round step where that would make fewer than 3 or more than 20 rows.
 */
export function tableRadii(curve: readonly CurvePoint[]): number[] {
  const radii = curve.map((point) => point.radius);
  const last = curve.findLast((point) => point.certified > 0 && point.radius > 0)?.radius ?? radii[radii.length - 1];
  const atStep = (step: number) => radii.filter((radius, at) => radius <= last && at % stepPoints(step) === 0);
  const stepPoints = (step: number) => Math.round(step / radii[1]);
  const onGrid = (step: number) => Math.abs(stepPoints(step) * radii[1] - step) < 1e-9 * step;
  const tooMany = last / USUAL_STEP >= MOST_ROWS;
  const steps = tooMany
    ? roundSteps.filter((step) => step > USUAL_STEP)
    : roundSteps.filter((step) => step <= USUAL_STEP).reverse();
  const fitting = steps
    .filter(onGrid)
    .map(atStep)
    .find((rows) => rows.length >= FEWEST_ROWS && rows.length <= MOST_ROWS);
  return fitting ?? radii.filter((radius, at) => radius <= last || at < FEWEST_ROWS);
}
