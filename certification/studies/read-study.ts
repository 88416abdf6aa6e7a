import { PerimeterError } from '../perimeter-error.ts';
import { studyKeys, studySchema, type Study } from '../records/study.ts';
import { getIfThere } from '../storage/get-if-there.ts';
import type { Store } from '../storage/store.ts';

/**
 * A study's record; undefined where there is none: the study isn't finished, or never was.
 *
 * @throws PerimeterError `InvalidRequest` where it can't be read; the store's own faults.
 */
export async function readStudy(store: Store, study: string): Promise<Study | undefined> {
  const key = studyKeys.record(study);
  const bytes = await getIfThere(store, key);
  if (bytes === undefined) return undefined;
  try {
    return studySchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new PerimeterError(
      'InvalidRequest',
      `${store.url(key)} is not the record of a study that this version reads: mend it, or move its folder away.`,
      { cause },
    );
  }
}

/** The records of all studies in a store, by their names. @throws as `readStudy`. */
export async function readStudies(store: Store): Promise<Study[]> {
  const studies: Study[] = [];
  for (const name of await store.folders(studyKeys.studies)) {
    const study = await readStudy(store, name);
    if (study !== undefined) studies.push(study);
  }
  return studies;
}
