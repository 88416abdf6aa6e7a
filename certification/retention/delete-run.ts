import { mapConcurrently } from '../map-concurrently.ts';
import { manifestGeneration, runFiles, runKeys } from '../records/run-keys.ts';
import type { Store } from '../storage/store.ts';
import type { RunTraces } from './trace-run.ts';

/** A store answers so many deletions at once without asking to slow down. */
const DELETED_AT_ONCE = 16;

/**
 * Deletes a run's objects, in an order in which a kill at any time leaves no half of a run that looks whole: first the
 * manifests, the newest generation's before those that it rests on; last the plan, and before it the commitment, by which
 * the rest is still known as a run's. Doing it again goes on where it was.
 *
 * @throws the store's own faults; then the rest is there still.
 */
export async function deleteRun(store: Store, { run, objects }: Pick<RunTraces, 'run' | 'objects'>): Promise<void> {
  const prefix = `${runKeys.folder(run)}/`;
  const files = objects.map(({ key }) => key.slice(prefix.length));
  const generationOf = (file: string) => manifestGeneration(file) ?? 0;
  const manifests = files.filter((file) => generationOf(file) > 0).sort((a, b) => generationOf(b) - generationOf(a));
  const last = [runFiles.commitment, runFiles.plan].filter((file) => files.includes(file));
  const rest = files.filter((file) => !manifests.includes(file) && !last.includes(file));
  for (const file of manifests) await store.remove(prefix + file);
  await mapConcurrently(rest, DELETED_AT_ONCE, (file) => store.remove(prefix + file));
  await store.removeLeftovers(prefix);
  for (const file of last) await store.remove(prefix + file);
}
