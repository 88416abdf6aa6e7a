import { PerimeterError } from '../certification/perimeter-error.ts';
import { runKeys } from '../certification/records/run-keys.ts';
import { isRunId } from '../certification/records/request.ts';
import { absoluteLocation } from './absolute-location.ts';

/**
 * Where a run's folder is, as a URI.
 *
 * @param run its id, or the folder itself: a path with a slash, file:// or s3://.
 * @param out where runs are kept, for an id.
 * @throws PerimeterError `InvalidRequest` where it is neither.
 */
export function runLocation(run: string, out: string): string {
  if (run.includes('/')) return withoutSlash(absoluteLocation(run, '.'));
  if (!isRunId(run)) {
    throw new PerimeterError(
      'InvalidRequest',
      `"${run}" is neither a run's id nor the path of its folder (a path has a "/": ./${run}).`,
    );
  }
  return `${withoutSlash(absoluteLocation(out, '.'))}/${runKeys.folder(run)}`;
}

/** A URI without slashes at its end; the root keeps its own. */
function withoutSlash(uri: string): string {
  return uri.replace(/(?<![:/])\/+$/, '');
}

/**
 * Where a run is kept, and its id.
 *
 * @param run its id, or its folder `<out>/runs/<id>`.
 * @throws PerimeterError `InvalidRequest` where it is neither.
 */
export function keptRun(run: string, out: string): { out: string; run: string } {
  const location = runLocation(run, out);
  const kept = /^(?<store>.+)\/runs\/(?<id>[^/]+)$/.exec(location)?.groups;
  if (kept !== undefined) return { out: kept.store, run: kept.id };
  throw new PerimeterError('InvalidRequest', `${run} is not where a run is kept: expected a folder <out>/runs/<run>.`);
}
