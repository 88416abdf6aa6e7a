import { openStore } from '../../certification/storage/open-store.ts';
import { refuseOtherStudy } from '../../certification/studies/put-study.ts';
import { refuseOtherRuns } from '../../certification/studies/refuse-other-runs.ts';
import type { TemporalFlags } from '../connect.ts';
import type { AskedStudy } from './read-study.ts';

interface StudyOptions {
  readonly local?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly detach?: boolean | undefined;
  readonly processes?: number | undefined;
  readonly temporal: TemporalFlags;
  /** PEM; signs each run at its end where it is there. */
  readonly privateKey: string | undefined;
}

/** Carries a study out, in this process or by workers, and prints what it found. */
export async function runStudy(asked: AskedStudy, { local = false, ...options }: StudyOptions): Promise<void> {
  const store = openStore(asked.out);
  await refuseOtherStudy(store, asked.study, asked.runs);
  await refuseOtherRuns(store, asked.runs);
  if (local) {
    const { runStudyLocally } = await import('./run-study-locally.ts');
    await runStudyLocally(asked, options);
    return;
  }
  const { runStudyByWorkers } = await import('./run-study-by-workers.ts');
  await runStudyByWorkers(asked, options);
}
