import { PerimeterError } from '../../certification/perimeter-error.ts';
import { isRunId } from '../../certification/records/request.ts';
import { runKeys } from '../../certification/records/run-keys.ts';
import { studyKeys } from '../../certification/records/study.ts';
import type { CertifiedResults } from '../../certification/report/certified-results.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { readStudyResults } from '../../certification/studies/read-study-results.ts';
import { readStudy } from '../../certification/studies/read-study.ts';
import { absoluteLocation } from '../absolute-location.ts';

/**
 * The results of a recorded study, run by run; undefined where the name is none of a study. Of a run and a study with the
 * same name, the run is meant: the study has a folder to be named by.
 *
 * @param source its name, or its folder `<out>/studies/<study>` (a path with a slash, file:// or s3://).
 * @param out where studies are kept, for a name.
 * @throws PerimeterError `NotFound` where the folder holds no record, or a run of it is gone.
 */
export async function studyResults(source: string, out: string): Promise<CertifiedResults[] | undefined> {
  if (isRunId(source)) {
    const store = openStore(absoluteLocation(out, '.'));
    const record = (await store.has(runKeys.plan(source))) ? undefined : await readStudy(store, source);
    return record && readStudyResults(store, record);
  }
  const folder = studyFolder(source);
  if (folder === undefined) return undefined;
  const store = openStore(absoluteLocation(folder.out, '.'));
  const record = await readStudy(store, folder.study);
  if (record !== undefined) return readStudyResults(store, record);
  throw new PerimeterError(
    'NotFound',
    `Study ${folder.study} isn't recorded: ${store.url(studyKeys.record(folder.study))} is not there, and is written once all runs are finished.`,
  );
}

/** Where the folder of a study says that it is kept; undefined for what isn't one. */
export function studyFolder(source: string): { out: string; study: string } | undefined {
  const found = /^(?<before>.*\/|)studies\/(?<study>[^/]+)\/*$/.exec(source)?.groups;
  if (found === undefined || !isRunId(found.study)) return undefined;
  const { before, study } = found;
  return { out: before === '' ? '.' : before.replace(/(?<=.)\/+$/, ''), study };
}
