import { relative, dirname, resolve } from 'node:path';
import { comparisonPage } from '../certification/comparison/comparison-page.ts';
import { PerimeterError } from '../certification/perimeter-error.ts';
import { readSummary } from '../certification/read-summary.ts';
import { runFiles, runKeys } from '../certification/records/run-keys.ts';
import { openStore } from '../certification/storage/open-store.ts';
import { parseLocation } from '../certification/storage/parse-location.ts';
import { isResultsFile } from './read-results.ts';
import { keptRun } from './run-location.ts';

/**
 * The page of run B with run A beside it.
 *
 * @param options.page where the page will lie: its links lead from there to the run's files.
 * @throws PerimeterError `InvalidRequest` where the two aren't both runs, of one store.
 */
export async function comparedPage({
  a,
  b,
  out,
  page,
}: {
  a: string;
  b: string;
  out: string;
  page: string;
}): Promise<Uint8Array> {
  const file = [a, b].find(isResultsFile);
  if (file !== undefined) {
    throw new PerimeterError('InvalidRequest', `A page needs two runs, but ${file} is a file: leave --page out.`);
  }
  const [baseline, own] = [keptRun(a, out), keptRun(b, out)];
  if (baseline.out !== own.out) {
    throw new PerimeterError(
      'InvalidRequest',
      `A page needs two runs of one store, but ${a} is kept in ${baseline.out} and ${b} in ${own.out}: leave --page out.`,
    );
  }
  const store = openStore(own.out);
  const { generation } = await readSummary(store, own.run);
  return comparisonPage({
    store,
    run: own.run,
    generation,
    baseline: { run: baseline.run, generation: (await readSummary(store, baseline.run)).generation },
    results: `${linkTo(store.url(runKeys.folder(own.run)), page)}${runFiles.inGeneration('', generation)}`,
  });
}

/** A folder as a page at `page` links to it, with a slash at its end. */
function linkTo(folder: string, page: string): string {
  const location = parseLocation(folder);
  if (location.kind !== 'file') return `${folder}/`;
  const path = relative(dirname(resolve(page)), location.path);
  return `${path.split('/').map(encodeURIComponent).join('/')}/`;
}
