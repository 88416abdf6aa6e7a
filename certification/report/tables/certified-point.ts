import { PerimeterError } from '../../perimeter-error.ts';
import type { CurvePoint } from '../../records/summary.ts';
import { curveSlack } from '../../smoothing/curve-slack.ts';
import { exactCountBound } from '../../smoothing/exact-count-bound.ts';
import type { CertifiedResults } from '../certified-results.ts';
import { radiusTexts } from '../radius-texts.ts';
import { sameRadius } from '../same-radius.ts';

const MOST_NAMED = 10;

/**
 * How many examples are correct with at least this radius: in fixed mode at any radius, in sequential mode at those that
 * were decided.
 *
 * @param radius ≥ 0
 * @throws PerimeterError `InvalidRequest` where the results say nothing of this radius.
 */
export function certifiedCount(results: CertifiedResults, radius: number): number {
  const threshold = ownRadius(results, radius);
  let count = 0;
  for (const own of results.radii) if (own >= threshold) count += 1;
  return count;
}

/**
 * Certified accuracy at a radius with its lower bounds at confidence 1 − rho (docs/statistics.md, Test sets): what the
 * curve of the summary has at its radii, at any radius.
 *
 * @param radius ≥ 0
 * @throws PerimeterError `InvalidRequest` where the results say nothing of this radius.
 */
export function certifiedPoint(results: CertifiedResults, radius: number): CurvePoint {
  const { alpha, rho } = results.setting;
  const examples = results.radii.length;
  const certified = certifiedCount(results, radius);
  return {
    radius,
    certified,
    accuracy: certified / examples,
    lower: exactCountBound({ examples, certified, alpha, rho }) / examples,
    wholeCurveLower: Math.max(0, certified - curveSlack({ examples, alpha, rho })) / examples,
  };
}

/**
 * The double that these results have for a radius: in sequential mode the one that was decided.
 *
 * @throws PerimeterError `InvalidRequest` where none was.
 */
export function ownRadius({ name, setting, summary }: CertifiedResults, radius: number): number {
  if (setting.mode === 'fixed') return radius;
  const decided = summary.curve.map((point) => point.radius);
  const own = decided.find((candidate) => sameRadius(candidate, radius));
  if (own !== undefined) return own;
  const texts = radiusTexts(decided);
  const named = texts.length <= MOST_NAMED ? texts.join(', ') : `${texts.slice(0, MOST_NAMED).join(', ')}, …`;
  throw new PerimeterError(
    'InvalidRequest',
    `${name} is of sequential mode and decided no radius ${radius}: ask by --radii for some of ${named}.`,
  );
}
