import { readGenerations } from '../../certification/generations.ts';
import { readPlan } from '../../certification/plan-run.ts';
import { readSummary } from '../../certification/read-summary.ts';
import type { Manifest } from '../../certification/records/manifest.ts';
import type { Plan } from '../../certification/records/plan.ts';
import { runKeys } from '../../certification/records/run-keys.ts';
import type { AnySummary } from '../../certification/records/summary.ts';
import { checkSignatureBytes } from '../../certification/signing/check-signature-bytes.ts';
import type { Store } from '../../certification/storage/store.ts';

/** A run as its store has it. */
export interface StoredRun {
  readonly plan: Plan;
  /** Of the newest generation of its results; undefined where none is published. */
  readonly results: StoredResults | undefined;
}

export interface StoredResults {
  readonly summary: AnySummary;
  readonly manifest: Manifest;
  readonly generation: number;
  /** All that are published, in order. */
  readonly generations: readonly number[];
}

/**
 * Reads a run: its plan, and the newest of its results.
 *
 * @returns undefined where the store has no such run.
 * @throws PerimeterError `InvalidRequest` where a record isn't one; the store's own faults.
 */
export async function readRun(store: Store, run: string): Promise<StoredRun | undefined> {
  const plan = await readPlan(store, run);
  if (plan === undefined) return undefined;
  const { published: generations } = await readGenerations(store, run);
  const generation = generations.at(-1);
  if (generation === undefined) return { plan, results: undefined };
  return { plan, results: { ...(await readSummary(store, run, generation)), generations } };
}

/** Whether a generation of a run's results is signed, and by which key; undefined where it isn't. */
export async function readSignature(store: Store, run: string, generation: number) {
  const key = runKeys.signature(run, generation);
  if (!(await store.has(key))) return undefined;
  const [manifest, bytes] = await Promise.all([store.get(runKeys.manifest(run, generation)), store.get(key)]);
  return checkSignatureBytes({ manifest, bytes });
}
