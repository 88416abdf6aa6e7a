import { PerimeterError } from '../perimeter-error.ts';
import { isRunId, type Request } from '../records/request.ts';

/** A request of a study's run, with its id. */
export type StudyRequest = Request & { readonly run: string };

/** What a run's noise is told by: `sigma`, or of uniform noise `lambda`. */
export function scaleOf({ sigma, lambda }: Pick<Request, 'sigma' | 'lambda'>): { key: string; value: number } {
  return lambda === undefined ? { key: 'sigma', value: sigma } : { key: 'lambda', value: lambda };
}

/**
 * Names the runs of a study: `<study>-<sigma>`, or of uniform noise `<study>-<lambda>`, with `-2`, `-3`, … behind where
 * several have the same. The same
 * requests in the same order have the same ids, so that a study that is asked for again goes on with its runs.
 *
 * @throws PerimeterError `InvalidRequest` where the study's name is too long for that, or none.
 */
export function studyRuns(study: string, requests: readonly Request[]): StudyRequest[] {
  const seen = new Map<number, number>();
  return requests.map((request) => {
    const { value } = scaleOf(request);
    const count = (seen.get(value) ?? 0) + 1;
    seen.set(value, count);
    // A number's "+" can't be in an id.
    const run = `${study}-${String(value).replace('+', '')}${count === 1 ? '' : `-${count}`}`;
    if (isRunId(run)) return { ...request, run };
    throw new PerimeterError(
      'InvalidRequest',
      `"${study}" can't name a study: its run ${run} would need an id of 1 to 100 letters, digits, ".", "_" and "-".`,
    );
  });
}
