import { decideRetention, type GoReason, type Retention, type StayReason } from './decide-retention.ts';
import { deleteRun } from './delete-run.ts';
import { mapConcurrently } from '../map-concurrently.ts';
import { PerimeterError } from '../perimeter-error.ts';
import { auditReader } from './read-audits.ts';
import { isRunId } from '../records/request.ts';
import { runKeys } from '../records/run-keys.ts';
import type { Store } from '../storage/store.ts';
import { readStudies } from '../studies/read-study.ts';
import { traceRun, type RunTraces } from './trace-run.ts';

/** What becomes of a run. */
export type RunFate = {
  readonly run: string;
  readonly objects: number;
  readonly bytes: number;
  /** When it was last written to. */
  readonly lastWritten: Date;
} & (
  | { readonly fate: 'stays'; readonly reason: StayReason }
  /** `goes`: where nothing is deleted yet. `gone`: somebody else deleted it meanwhile. */
  | { readonly fate: 'goes' | 'deleted' | 'gone'; readonly reason: GoReason }
  | { readonly fate: 'refused'; readonly reason: GoReason; readonly refusal: string }
);

/** Runs that are looked at together. */
const TRACED_AT_ONCE = 8;

/**
 * Finds the runs of a store that nothing refers to any more, as `decideRetention` does, and deletes them where it is told
 * to. Right before each deletion it looks again whether the run was signed, written to or named by an audit or a study meanwhile.
 *
 * @param remove whether to delete.
 * @param underWay asks for the runs that are under way however long ago they were written to; by default none.
 * @param onRun told of each run when its fate is known: first of those that stay, then of those that go, by their ids.
 * @returns all of these.
 * @throws PerimeterError `InvalidRequest` where the record of an audit or a study can't be read, before more is deleted; the store's own
 *   faults, but those of a deletion, which are that run's fate.
 */
export async function collectGarbage({
  store,
  remove,
  underWay = () => Promise.resolve(new Set()),
  onRun = () => undefined,
  ...retention
}: Retention & {
  store: Store;
  remove: boolean;
  underWay?: () => Promise<ReadonlySet<string>>;
  onRun?: (fate: RunFate) => void;
}): Promise<RunFate[]> {
  const readAudits = auditReader(store);
  const decide = async (runs: readonly RunTraces[]) =>
    decideRetention({
      runs,
      lines: await readAudits(),
      studies: await readStudies(store),
      underWay: await underWay(),
      ...retention,
    });
  const ids = (await store.folders(runKeys.runs)).filter(isRunId);
  const traces = await mapConcurrently(ids, TRACED_AT_ONCE, (run) => traceRun(store, run));
  const runs = traces.filter((found) => found !== undefined);
  const decisions = await decide(runs);

  const fates: RunFate[] = [];
  const tell = (fate: RunFate) => {
    fates.push(fate);
    onRun(fate);
  };
  for (const [at, decision] of decisions.entries()) {
    if (decision.stays) tell({ ...sizeOf(runs[at]), fate: 'stays', reason: decision.reason });
  }
  for (const [at, decision] of decisions.entries()) {
    if (decision.stays) continue;
    const { reason } = decision;
    if (!remove) {
      tell({ ...sizeOf(runs[at]), fate: 'goes', reason });
      continue;
    }
    const found = await traceRun(store, runs[at].run);
    if (found === undefined) {
      tell({ ...sizeOf(runs[at]), fate: 'gone', reason });
      continue;
    }
    const [again] = await decide([found]);
    if (again.stays) tell({ ...sizeOf(found), fate: 'stays', reason: again.reason });
    else tell({ ...sizeOf(found), ...(await tryToDelete(store, found)), reason: again.reason });
  }
  return fates;
}

function sizeOf({ run, objects, bytes, lastWritten }: RunTraces) {
  return { run, objects: objects.length, bytes, lastWritten };
}

async function tryToDelete(
  store: Store,
  traces: RunTraces,
): Promise<{ fate: 'deleted' } | { fate: 'refused'; refusal: string }> {
  try {
    await deleteRun(store, traces);
    return { fate: 'deleted' };
  } catch (error) {
    if (!(error instanceof PerimeterError)) throw error;
    return { fate: 'refused', refusal: `Run ${traces.run} could not be deleted: ${error.message}` };
  }
}
