import { readRunResults } from '../certification/comparison/read-run-results.ts';
import type { CertifiedResults } from '../certification/report/certified-results.ts';
import { openStore } from '../certification/storage/open-store.ts';
import { keptRun } from './run-location.ts';

/**
 * Results of CERTIFY by the name that a command is given.
 *
 * @param source a run's id, or a run's folder `<out>/runs/<run>` (a path with a slash, file:// or s3://).
 * @param options.out where runs are kept, for an id.
 * @returns them; those of a run are one.
 * @throws PerimeterError `InvalidRequest` or `NotFound` where there are none of that name.
 */
export async function readResults(source: string, { out }: { out: string }): Promise<CertifiedResults[]> {
  const { out: store, run } = keptRun(source, out);
  return [await readRunResults(openStore(store), run)];
}
