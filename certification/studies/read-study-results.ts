import { readRunResults } from '../comparison/read-run-results.ts';
import { PerimeterError } from '../perimeter-error.ts';
import type { CertifiedResults } from '../report/certified-results.ts';
import type { Store } from '../storage/store.ts';
import type { Study } from '../records/study.ts';

/**
 * The results of a study's runs, in its order, of the generations that it was made of.
 *
 * @throws PerimeterError as `readRunResults`, and `InvalidRequest` where a run isn't the one that the study recorded.
 */
export async function readStudyResults(store: Store, { runs }: Pick<Study, 'runs'>): Promise<CertifiedResults[]> {
  const results: CertifiedResults[] = [];
  for (const { run, generation, claim } of runs) {
    const own = await readRunResults(store, run, generation);
    if (own.summary.claim !== claim) {
      throw new PerimeterError(
        'InvalidRequest',
        `Run ${run} isn't the one that its study recorded: its claim has digest ${own.summary.claim}, and there it is ${claim}. Name the runs themselves for the table of what they are now.`,
      );
    }
    results.push(own);
  }
  return results;
}
