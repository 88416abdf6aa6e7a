import type { CurvePoint, Summary } from '../records/summary.ts';
import { roundSteps } from './round-steps.ts';

const USUAL_STEP = 0.25;
const FEWEST_ROWS = 3;
const MOST_ROWS = 20;
/** Of evenly spaced radii, these leave evenly spaced ones that people count in. */
const STRIDES = [1, 2, 5, 10];

/**
 * Radii to show in a table, all of them on the curve.
 *
 * Fixed mode: multiples of 0.25, as papers have them, up to the last with something certified; of a finer or coarser
 * round step where that would make fewer than 3 or more than 20 rows. Sequential mode: all that were asked for; every
 * second, fifth, … of more than 20, counted from radius 0 where it is among them, else from the largest.
 */
export function tableRadii({ mode, curve }: Pick<Summary, 'mode' | 'curve'>): number[] {
  return mode === 'sequential' ? thinned(curve.map((point) => point.radius)) : roundRadii(curve);
}

function thinned(radii: readonly number[]): number[] {
  const rows = (stride: number) => Math.ceil(radii.length / stride);
  const stride = STRIDES.find((candidate) => rows(candidate) <= MOST_ROWS) ?? rows(MOST_ROWS);
  const kept = radii[0] === 0 ? 0 : (radii.length - 1) % stride;
  return radii.filter((_, at) => at % stride === kept);
}

function roundRadii(curve: readonly CurvePoint[]): number[] {
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
