import { z } from 'zod';
import { readGenerations } from './generations.ts';
import { PerimeterError } from './perimeter-error.ts';
import type { FailedShard } from './read-rows.ts';
import { recordBytes } from './records/canonical-json.ts';
import type { Plan } from './records/plan.ts';
import { runKeys } from './records/run-keys.ts';
import type { Store } from './storage/store.ts';

const failedShardSchema = z.strictObject({ shard: z.int().min(0), reason: z.string() });

/**
 * Puts down that a shard could not be certified, for `publishRun` to find. It isn't part of the results: when it is
 * written again for another reason, the first stays.
 */
export async function recordFailedShard(store: Store, run: string, { shard, reason }: FailedShard): Promise<void> {
  await putFirst(store, runKeys.failedShard(run, shard), { shard, reason });
}

/**
 * Puts down that examples of a shard failed which has rows: which ones, and why, is in the rows. So those who ask what
 * failed needn't read every shard.
 */
export async function recordFailedExamples(store: Store, run: string, shard: number): Promise<void> {
  await putFirst(store, runKeys.failedExamplesOf(run, shard), { shard });
}

/** Writes a record that nothing is made of: where another is there, that one stays. */
async function putFirst(store: Store, key: string, record: object): Promise<void> {
  try {
    await store.putIfAbsent(key, recordBytes(record), { contentType: 'application/json' });
  } catch (error) {
    if (!(error instanceof PerimeterError && error.code === 'DeterminismViolation')) throw error;
  }
}

/** The shards, in order, that are put down as failed and have no rows: one that failed may have been certified later. */
export async function readFailedShards(store: Store, { run }: Pick<Plan, 'run'>): Promise<FailedShard[]> {
  const keys = await store.list(runKeys.failedShards(run));
  if (keys.length === 0) return [];
  const failed: FailedShard[] = [];
  const { last, newestOf } = await readGenerations(store, run);
  for (const key of keys) {
    const record = await readRecord(store, key);
    const { shard } = record;
    if (!(await store.has(runKeys.shard(run, shard, newestOf(shard, last))))) failed.push(record);
  }
  return failed.sort((a, b) => a.shard - b.shard);
}

/** Why a shard is put down as failed; its key must be there. */
export async function failureOf(store: Store, run: string, shard: number): Promise<string> {
  return (await readRecord(store, runKeys.failedShard(run, shard))).reason;
}

async function readRecord(store: Store, key: string): Promise<FailedShard> {
  return failedShardSchema.parse(JSON.parse(new TextDecoder().decode(await store.get(key))));
}

/** The shards, in order, of which anything failed at some time, as it is put down. */
export async function shardsWithFailures(store: Store, run: string): Promise<number[]> {
  const folders = [runKeys.failedShards(run), runKeys.failedExamples(run)];
  const keys = (await Promise.all(folders.map((folder) => store.list(folder)))).flat();
  const shards = keys.map((key) => Number(/\/(\d+)\.json$/.exec(key)?.[1]));
  return [...new Set(shards.filter(Number.isInteger))].sort((a, b) => a - b);
}
