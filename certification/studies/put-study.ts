import { PerimeterError } from '../perimeter-error.ts';
import { canonicalJson, recordBytes } from '../records/canonical-json.ts';
import { firstDifference } from '../records/first-difference.ts';
import { studyKeys, studySchema, type Study } from '../records/study.ts';
import type { Store } from '../storage/store.ts';
import { readStudy } from './read-study.ts';

/** A table or plot of a study, as it lies beside the record. */
export interface StudyFile {
  readonly name: string;
  readonly text: string;
  readonly contentType: string;
}

/**
 * Records a study whose runs are finished: its tables and plots, and then `study.json`, which is written once. Where it is
 * there already nothing is written, not even by a version that would draw the tables otherwise.
 *
 * @returns where the study's files are
 * @throws PerimeterError `RunExists` where the record that is there is of other results; the store's own faults.
 */
export async function putStudy(store: Store, record: Study, makeFiles: () => Promise<StudyFile[]>): Promise<string> {
  const { study } = record;
  const there = await readStudy(store, study);
  if (there !== undefined) {
    checkSame(there, record, store.url(studyKeys.record(study)));
    return store.url(studyKeys.folder(study));
  }
  for (const { name, text, contentType } of await makeFiles()) {
    await store.putIfAbsent(studyKeys.file(study, name), new TextEncoder().encode(text), { contentType });
  }
  const bytes = recordBytes(studySchema.parse(record));
  await store.putIfAbsent(studyKeys.record(study), bytes, { contentType: 'application/json' });
  return store.url(studyKeys.folder(study));
}

function checkSame(there: Study, record: Study, url: string) {
  if (canonicalJson(there) === canonicalJson(record)) return;
  const difference = firstDifference(byRun(there), byRun(record), 'runs') ?? 'its runs are in another order';
  throw new PerimeterError(
    'RunExists',
    `Study ${record.study} is recorded in ${url} with other results (${difference}): its table and plot lie beside it, and "perimeter report" makes those of the runs as they are now from their ids.`,
  );
}

/**
 * Refuses a study under a name that is taken by one of other runs, before any work is done for it.
 *
 * @throws PerimeterError `RunExists`
 */
export async function refuseOtherStudy(
  store: Store,
  study: string,
  runs: readonly { readonly run: string; readonly sigma: number }[],
): Promise<void> {
  const there = await readStudy(store, study);
  const named = (each: typeof runs) => canonicalJson(each.map(({ run, sigma }) => ({ run, sigma })));
  if (there === undefined || named(there.runs) === named(runs)) return;
  throw new PerimeterError(
    'RunExists',
    `Study ${study} is recorded in ${store.url(studyKeys.record(study))} with other runs (${there.runs.map(({ run }) => run).join(', ')}): choose another name by --run.`,
  );
}

function byRun({ runs }: Study): Record<string, unknown> {
  return Object.fromEntries(runs.map(({ run, ...of }) => [run, of]));
}
