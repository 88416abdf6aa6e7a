import { readRunResults } from '../comparison/read-run-results.ts';
import type { CertifiedResults } from '../report/certified-results.ts';
import type { Store } from '../storage/store.ts';
import type { Study } from '../records/study.ts';

/** The results of a study's runs, in its order, of the generations that it was made of. @throws as `readRunResults`. */
export async function readStudyResults(store: Store, { runs }: Pick<Study, 'runs'>): Promise<CertifiedResults[]> {
  const results: CertifiedResults[] = [];
  for (const { run, generation } of runs) results.push(await readRunResults(store, run, generation));
  return results;
}
