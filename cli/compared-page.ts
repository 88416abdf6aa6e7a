import { relative, dirname, resolve } from 'node:path';
import { comparisonPage } from '../certification/comparison/comparison-page.ts';
import { PerimeterError } from '../certification/perimeter-error.ts';
import { readSummary } from '../certification/read-summary.ts';
import { runFiles, runKeys } from '../certification/records/run-keys.ts';
import { openStore } from '../certification/storage/open-store.ts';
import { parseLocation } from '../certification/storage/parse-location.ts';
import { keptRun } from './run-location.ts';

/**
 * The page of run B with run A beside it.
 *
 * @param options.file where the page will lie: its links lead from there to the run's files.
 * @throws PerimeterError `InvalidRequest` where the two aren't runs of one store.
 */
export async function comparedPage({
  a,
  b,
  out,
  file,
}: {
  a: string;
  b: string;
  out: string;
  file: string;
}): Promise<Uint8Array> {
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
    results: `${linkTo(store.url(runKeys.folder(own.run)), file)}${runFiles.inGeneration('', generation)}`,
  });
}

/** A folder as a page at `file` links to it, with a slash at its end. */
function linkTo(folder: string, file: string): string {
  const location = parseLocation(folder);
  if (location.kind !== 'file') return `${folder}/`;
  const path = relative(dirname(resolve(file)), location.path);
  return `${path.split('/').map(encodeURIComponent).join('/')}/`;
}
