import { PerimeterError } from '../../perimeter-error.ts';
import type { CertifiedResults } from '../certified-results.ts';
import { sameRadius } from '../same-radius.ts';
import { tableRadii } from '../table-radii.ts';

/**
 * Radii for a table of several results: those that `tableRadii` chooses for the results that reach farthest; where some are of
 * sequential mode, from the radii that all of these decided.
 *
 * @param results at least one
 * @throws PerimeterError `InvalidRequest` where those of sequential mode decided no radius in common.
 */
export function sharedRadii(results: readonly CertifiedResults[]): number[] {
  const decided = results.filter(({ setting }) => setting.mode === 'sequential').map(({ summary }) => summary);
  if (decided.length === 0) {
    const [first, ...others] = results.map(({ summary }) => summary);
    return tableRadii(others.reduce((farthest, each) => (reach(each) > reach(farthest) ? each : farthest), first));
  }
  const [first, ...others] = decided;
  const shared = first.curve.filter(({ radius }) =>
    others.every(({ curve }) => curve.some((point) => sameRadius(point.radius, radius))),
  );
  if (shared.length > 0) return tableRadii({ mode: 'sequential', curve: shared });
  const names = results.filter(({ setting }) => setting.mode === 'sequential').map(({ name }) => name);
  throw new PerimeterError(
    'InvalidRequest',
    `${names.join(', ')} are of sequential mode and decided no radius in common: compare runs that were asked for the same radii.`,
  );
}

/** The largest radius at which anything is certified. */
function reach({ curve }: CertifiedResults['summary']): number {
  return curve.findLast(({ certified }) => certified > 0)?.radius ?? 0;
}
