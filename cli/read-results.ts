import { readRunResults } from '../certification/comparison/read-run-results.ts';
import { cohenResults, type CohenOptions } from '../certification/exchange/cohen-results.ts';
import { PerimeterError } from '../certification/perimeter-error.ts';
import { isRunId } from '../certification/records/request.ts';
import { runKeys } from '../certification/records/run-keys.ts';
import type { CertifiedResults } from '../certification/report/certified-results.ts';
import { openStore } from '../certification/storage/open-store.ts';
import type { Store } from '../certification/storage/store.ts';
import { parseLocation } from '../certification/storage/parse-location.ts';
import { readObject } from '../certification/storage/read-object.ts';
import { isFile } from './is-file.ts';
import { keptRun } from './run-location.ts';
import { studyFolder, studyResults } from './study/study-results.ts';

/** What of files in Cohen et al.'s columns isn't in them, as flags say it. */
export type FileStatistics = Omit<CohenOptions, 'name'>;

/**
 * Results of CERTIFY by the names that a command is given, in their order.
 *
 * @param sources each a run's id, a run's folder `<out>/runs/<run>` (a path with a slash, file:// or s3://), the same of a
 *   study, or a file in Cohen et al.'s columns. A name that is a file of the working directory is that file.
 * @param options.out where runs are kept, for ids.
 * @param options.statistics of the files.
 * @returns of each source one or more.
 * @throws PerimeterError `InvalidRequest` or `NotFound` where there are none of that name, or `statistics` are given and no
 *   source is a file.
 */
export async function readResults(
  sources: readonly string[],
  { out, statistics }: { out: string; statistics: FileStatistics },
): Promise<CertifiedResults[][]> {
  const files = sources.filter(isResultsFile);
  const flag = Object.keys(statistics).at(0);
  if (files.length === 0 && flag !== undefined) {
    throw new PerimeterError(
      'InvalidRequest',
      `--${flag} is for files in Cohen's columns, and ${sources.join(', ')} ${sources.length === 1 ? 'is none' : 'are none'}: a run says it itself.`,
    );
  }
  const read: CertifiedResults[][] = [];
  for (const source of sources) {
    read.push(
      isResultsFile(source)
        ? [cohenResults(await readObject(source), { name: source, ...statistics })]
        : ((await studyResults(source, out)) ?? [await runResults(source, out)]),
    );
  }
  return read;
}

async function runResults(source: string, out: string): Promise<CertifiedResults> {
  const { out: location, run } = keptPlace(source, out);
  const store = openStore(location);
  try {
    return await readRunResults(store, run);
  } catch (error) {
    if (!(error instanceof PerimeterError && error.code === 'NotFound')) throw error;
    if (!(await store.has(runKeys.plan(run)))) {
      const sentence = `There is no run ${run}, no recorded study and no file of that name (${store.url(runKeys.plan(run))} is not there): name a run's id under --out, its folder <out>/runs/<run>, or a file.`;
      throw new PerimeterError('NotFound', sentence, { cause: error });
    }
    if (await store.has(runKeys.manifest(run))) throw error;
    throw unfinishedRun(store, run, error);
  }
}

function unfinishedRun(store: Store, run: string, cause: unknown): PerimeterError {
  const sentence = `Run ${run} isn't finished, and has no results yet: ${store.url(runKeys.manifest(run))} is not there.`;
  return new PerimeterError('NotFound', sentence, { cause });
}

function keptPlace(source: string, out: string): { out: string; run: string } {
  if (isRunId(source) || isRunFolder(source)) return keptRun(source, out);
  throw new PerimeterError(
    'InvalidRequest',
    `${source} is neither a file that is there, nor a run's id or a study's, nor the folder of one, <out>/runs/<run> or <out>/studies/<study>.`,
  );
}

function isRunFolder(source: string): boolean {
  return /\/runs\/[^/]+\/*$/.test(`/${source}`);
}

/** Whether a name is that of a file, not of a run: in a bucket, whatever isn't the folder of a run or a study. */
export function isResultsFile(source: string): boolean {
  if (!/^[a-z0-9]+:\/\//i.test(source)) return isFile(source);
  const location = parseLocation(source);
  return location.kind === 'file' ? isFile(location.path) : !isRunFolder(source) && studyFolder(source) === undefined;
}
