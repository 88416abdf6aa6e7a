import type { AnySummary } from '../../certification/records/summary.ts';
import type { SignedRun } from '../../certification/sign-run.ts';
import type { StudyRequest } from '../../certification/studies/study-runs.ts';
import { PerimeterError } from '../../certification/perimeter-error.ts';

/** A run of a study that is finished. */
export interface FinishedRun {
  readonly request: StudyRequest;
  /** Where its files are. */
  readonly url: string;
  readonly generation: number;
  readonly summary: AnySummary;
  readonly signed?: SignedRun | undefined;
}

/** A run of a study that failed; the others go on without it. */
export interface FailedRun {
  readonly request: StudyRequest;
  readonly failure: PerimeterError;
}

export type RunOutcome = FinishedRun | FailedRun;

/** What a run of a study failed with, as its outcome. @throws the error itself, where it is no fault of that run. */
export function failedRun(request: StudyRequest, error: unknown): FailedRun {
  if (error instanceof PerimeterError) return { request, failure: error };
  throw error;
}
