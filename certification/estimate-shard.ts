import { estimateExamples } from './estimate-examples.ts';
import { putRows } from './put-rows.ts';
import type { Row } from './records/certificate.ts';
import type { Selection } from './select-examples.ts';
import { openShard, type ShardCost, type ShardTask } from './shard-task.ts';

/** What is passed on of a shard: its rows are in the store. */
export interface ShardResult {
  readonly shard: number;
  readonly examples: number;
  readonly failed: number;
  readonly cost: ShardCost;
}

/**
 * The estimation of a shard; its rows are written to the store.
 *
 * @param task.onRow told of each row once all are in the store.
 * @throws PerimeterError `DeterminismViolation` where the shard is in the store with other bytes.
 */
export async function estimateShard(
  task: ShardTask & { selection: Selection; onRow?: ((row: Row) => void) | undefined },
): Promise<ShardResult> {
  const { plan, shard, store, selection } = task;
  const opened = await openShard(task);
  const started = performance.now();
  const { rows, metrics } = await estimateExamples(plan.claim, { ...task, ...opened, selection });
  await putRows({ store, plan, shard, rows });
  rows.forEach((row) => task.onRow?.(row));
  return {
    shard,
    examples: rows.length,
    failed: rows.filter(({ status }) => status === 'failed').length,
    cost: { ...metrics, wallMs: performance.now() - started },
  };
}
