import { PerimeterError } from './perimeter-error.ts';
import { hasReplayableNoise } from './records/claim.ts';
import { rowLine, type Row } from './records/certificate.ts';
import type { Plan } from './records/plan.ts';
import { runKeys } from './records/run-keys.ts';
import type { Store } from './storage/store.ts';

/** The bytes of a shard's file: a line for each row. */
export function shardBytes(rows: readonly Row[]): Uint8Array {
  return new TextEncoder().encode(rows.map(rowLine).join(''));
}

/**
 * Writes a shard's rows, of the first generation or another.
 *
 * @throws PerimeterError `DeterminismViolation` where the shard is in the store with other bytes, which can only be where a sample
 * is a function of the claim.
 */
export async function putRows({
  store,
  plan,
  shard,
  generation = 1,
  rows,
}: {
  store: Store;
  plan: Plan;
  shard: number;
  generation?: number | undefined;
  rows: readonly Row[];
}): Promise<void> {
  const contentType = 'application/x-ndjson';
  try {
    await store.putIfAbsent(runKeys.shard(plan.run, shard, generation), shardBytes(rows), { contentType });
  } catch (error) {
    // Two attempts at a shard draw other samples each: the first to be finished stays.
    const isAnothers = error instanceof PerimeterError && error.code === 'DeterminismViolation';
    if (hasReplayableNoise(plan.claim) || !isAnothers) throw error;
  }
}
