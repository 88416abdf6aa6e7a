import { PerimeterError } from '../perimeter-error.ts';
import type { CurvePoint, Summary } from '../records/summary.ts';
import { sameRadius } from './same-radius.ts';

const MOST_NAMED = 10;

/**
 * The curve's point at a radius. Past the end of a curve of fixed mode no radius can be reached, so nothing is certified
 * there; past that of sequential mode nothing was asked.
 *
 * @throws PerimeterError `InvalidRequest` where the curve has no point at this radius.
 */
export function curvePointAt({ mode, curve }: Pick<Summary, 'mode' | 'curve'>, radius: number): CurvePoint {
  const point = curve.find((candidate) => sameRadius(candidate.radius, radius));
  if (point) return point;
  const radii = curve.map((candidate) => candidate.radius);
  const last = radii[radii.length - 1];
  if (mode === 'fixed' && radius > last) return { radius, certified: 0, accuracy: 0, lower: 0, wholeCurveLower: 0 };
  throw new PerimeterError(
    'InvalidRequest',
    `The summary has no certified accuracy at radius ${radius}: its radii are ` +
      (mode === 'fixed' ? `the multiples of ${radii[1] ?? 0} from 0 to ${last}.` : `${named(radii)}.`),
  );
}

function named(radii: readonly number[]): string {
  if (radii.length <= MOST_NAMED) return radii.join(', ');
  return `${radii.slice(0, MOST_NAMED - 1).join(', ')}, … ${radii[radii.length - 1]}, ${radii.length} in all`;
}
