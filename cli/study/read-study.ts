import { checkRequest } from '../../certification/check-request.ts';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { newRunId } from '../../certification/records/new-run-id.ts';
import type { Request } from '../../certification/records/request.ts';
import { asksForStudy, splitStudy } from '../../certification/records/study-file.ts';
import { scaleOf, studyRuns, type StudyRequest } from '../../certification/studies/study-runs.ts';
import { requestOf, type AskedSettings } from '../read-request.ts';

/** A study as it is asked for: its name, where it is kept, and the requests of its runs. */
export interface AskedStudy {
  readonly study: string;
  readonly out: string;
  readonly runs: readonly StudyRequest[];
}

/**
 * The study that settings ask for, each of its requests complete and checked; undefined where they ask for one run.
 * `run`, where it is given, names the study.
 *
 * @throws PerimeterError `InvalidRequest`, saying of which run where the runs differ in it.
 */
export function studyOf({ settings, source }: AskedSettings): AskedStudy | undefined {
  if (!asksForStudy(settings)) return undefined;
  const requests = splitStudy(settings, source).map((each) => requestOf(each, 'certify'));
  for (const request of requests) checkRun(request, source);
  const [{ run: study = newRunId(new Date()), out }] = requests;
  return { study, out, runs: studyRuns(study, requests) };
}

function checkRun(request: Request, source: string) {
  try {
    checkRequest(request);
  } catch (error) {
    if (!(error instanceof PerimeterError)) throw error;
    const { key, value } = scaleOf(request);
    throw new PerimeterError(error.code, `${source}, at ${key} ${value}: ${error.message}`, { cause: error });
  }
}
