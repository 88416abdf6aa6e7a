import { PerimeterError } from '../perimeter-error.ts';
import { isRunId, type Request } from '../records/request.ts';

/** A request of a study's run, with its id. */
export type StudyRequest = Request & { readonly run: string };

/**
 * Names the runs of a study: `<study>-<sigma>`, with `-2`, `-3`, … behind where several have the same sigma. The same
 * requests in the same order have the same ids, so that a study that is asked for again goes on with its runs.
 *
 * @throws PerimeterError `InvalidRequest` where the study's name is too long for that, or none.
 */
export function studyRuns(study: string, requests: readonly Request[]): StudyRequest[] {
  const seen = new Map<number, number>();
  return requests.map((request) => {
    const { sigma } = request;
    const count = (seen.get(sigma) ?? 0) + 1;
    seen.set(sigma, count);
    // A number's "+" can't be in an id.
    const run = `${study}-${String(sigma).replace('+', '')}${count === 1 ? '' : `-${count}`}`;
    if (isRunId(run)) return { ...request, run };
    throw new PerimeterError(
      'InvalidRequest',
      `"${study}" can't name a study: its run ${run} would need an id of 1 to 100 letters, digits, ".", "_" and "-".`,
    );
  });
}
