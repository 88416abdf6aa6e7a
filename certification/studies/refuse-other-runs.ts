import { PerimeterError } from '../perimeter-error.ts';
import { readPlan } from '../plan-run.ts';
import { firstDifference } from '../records/first-difference.ts';
import type { Request } from '../records/request.ts';
import { runKeys } from '../records/run-keys.ts';
import type { Store } from '../storage/store.ts';
import type { StudyRequest } from './study-runs.ts';

/** What a run that goes on may be asked with anew: it decides no result, or is drawn where it is left out. */
const FREE = ['run', 'out', 'seed', 'batchSize', 'shardSize', 'concurrency', 'maxFailedShare'] as const;

/**
 * Refuses a study one of whose runs is there with another request, before any run is carried out: the others would be for
 * nothing.
 *
 * @throws PerimeterError `RunExists`
 */
export async function refuseOtherRuns(store: Store, runs: readonly StudyRequest[]): Promise<void> {
  for (const request of runs) {
    const plan = await readPlan(store, request.run);
    if (plan === undefined) continue;
    const difference = firstDifference(decisive(plan.request), decisive(request), 'request');
    if (difference === undefined) continue;
    throw new PerimeterError(
      'RunExists',
      `Run ${request.run} exists in ${store.url(runKeys.folder(request.run))} with another plan (${difference}): choose another name for the study by --run.`,
    );
  }
}

function decisive(request: Request): Record<string, unknown> {
  const free: readonly string[] = FREE;
  return Object.fromEntries(Object.entries(request).filter(([key]) => !free.includes(key)));
}
