import { PerimeterError } from '../perimeter-error.ts';
import type { CurvePoint } from '../records/summary.ts';

/** Radii are typed as decimals and computed as fractions; this apart they are the same. */
const SAME = 1e-9;

/**
 * The curve's point at a radius. Past the curve's end no radius can be reached, so nothing is certified there.
 *
 * @throws PerimeterError `InvalidRequest` where the curve has no point at this radius.
 */
export function curvePointAt(curve: readonly CurvePoint[], radius: number): CurvePoint {
  const point = curve.find((candidate) => Math.abs(candidate.radius - radius) <= SAME * radius);
  if (point) return point;
  const last = curve[curve.length - 1].radius;
  if (radius > last) return { radius, certified: 0, accuracy: 0, lower: 0, wholeCurveLower: 0 };
  const step = curve.length > 1 ? curve[1].radius : 0;
  throw new PerimeterError(
    'InvalidRequest',
    `The summary has no certified accuracy at radius ${radius}: its radii are the multiples of ${step} from 0 to ${last}.`,
  );
}
