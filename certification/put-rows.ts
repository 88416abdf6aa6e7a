import { rowLine, type Row } from './records/certificate.ts';
import type { Plan } from './records/plan.ts';
import { runKeys } from './records/run-keys.ts';
import type { Store } from './storage/store.ts';

/**
 * Writes a shard's rows, a line each.
 *
 * @throws PerimeterError `DeterminismViolation` where the shard is in the store with other bytes.
 */
export async function putRows({
  store,
  plan,
  shard,
  rows,
}: {
  store: Store;
  plan: Plan;
  shard: number;
  rows: readonly Row[];
}): Promise<void> {
  const lines = rows.map(rowLine).join('');
  const contentType = 'application/x-ndjson';
  await store.putIfAbsent(runKeys.shard(plan.run, shard), new TextEncoder().encode(lines), { contentType });
}
