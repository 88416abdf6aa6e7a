import { countFailed } from './count-failed.ts';
import { estimateExamples } from './estimate-examples.ts';
import { putRows } from './put-rows.ts';
import type { Row } from './records/certificate.ts';
import type { Selection } from './select-examples.ts';
import { positionsToDraw, rowsBefore } from './shard-rows.ts';
import { openShard, type ShardCost, type ShardTask } from './shard-task.ts';

/** What is passed on of a shard: its rows are in the store. */
export interface ShardResult {
  readonly shard: number;
  /** Examples that were drawn. */
  readonly examples: number;
  /** Examples of the shard that failed, as it is now. */
  readonly failed: number;
  readonly cost: ShardCost;
}

/**
 * The estimation of a shard; its rows are written to the store. Where examples are drawn again, the others' rows stay as
 * they are, and nothing is written unless fewer have failed than before.
 *
 * @param task.onRow told of each row that was drawn, once it is in the store.
 * @throws PerimeterError `DeterminismViolation` where the shard is in the store with other bytes.
 */
export async function estimateShard(
  task: ShardTask & { selection: Selection; onRow?: ((row: Row) => void) | undefined },
): Promise<ShardResult> {
  const { plan, shard, store, generation, selection } = task;
  const before = await rowsBefore(task);
  const opened = await openShard(task, positionsToDraw(plan, shard, before));
  const started = performance.now();
  const { rows: drawn, metrics } = await estimateExamples(plan.claim, { ...task, ...opened, selection });
  const rows = before === undefined ? drawn : withRows(before, drawn);
  const failed = countFailed(rows);
  if (before === undefined || failed < countFailed(before)) await putRows({ store, plan, shard, generation, rows });
  drawn.forEach((row) => task.onRow?.(row));
  return { shard, examples: drawn.length, failed, cost: { ...metrics, wallMs: performance.now() - started } };
}

/** Rows with those drawn again in the place of what they were. */
function withRows(before: readonly Row[], drawn: readonly Row[]): Row[] {
  const again = new Map(drawn.map((row) => [row.index, row]));
  return before.map((row) => again.get(row.index) ?? row);
}
