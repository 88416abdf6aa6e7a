import { z } from 'zod';
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
  try {
    const bytes = recordBytes({ shard, reason });
    await store.putIfAbsent(runKeys.failedShard(run, shard), bytes, { contentType: 'application/json' });
  } catch (error) {
    if (!(error instanceof PerimeterError && error.code === 'DeterminismViolation')) throw error;
  }
}

/** The shards, in order, that are put down as failed and have no rows: one that failed may have been certified later. */
export async function readFailedShards(store: Store, { run }: Pick<Plan, 'run'>): Promise<FailedShard[]> {
  const failed: FailedShard[] = [];
  for (const key of await store.list(runKeys.failedShards(run))) {
    const record = failedShardSchema.parse(JSON.parse(new TextDecoder().decode(await store.get(key))));
    if (!(await store.has(runKeys.shard(run, record.shard)))) failed.push(record);
  }
  return failed.sort((a, b) => a.shard - b.shard);
}
