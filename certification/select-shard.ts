import { countFailed } from './count-failed.ts';
import { selectExamples, type Selection } from './select-examples.ts';
import { positionsToDraw, rowsBefore, shardRows } from './shard-rows.ts';
import { openShard, type ShardCost, type ShardTask } from './shard-task.ts';

export type SelectionResult =
  | { readonly status: 'selected'; readonly selection: Selection; readonly cost: ShardCost }
  /** The shard's rows are in the store already: of how many examples of this generation, and how many of them failed. */
  | { readonly status: 'certified'; readonly examples: number; readonly failed: number };

/** The selection of a shard. */
export async function selectShard(task: ShardTask): Promise<SelectionResult> {
  const own = await shardRows(task);
  const before = await rowsBefore(task);
  const positions = positionsToDraw(task.plan, task.shard, before);
  if (own !== undefined || positions.length === 0) {
    return { status: 'certified', examples: positions.length, failed: countFailed(own ?? before ?? []) };
  }
  const opened = await openShard(task, positions);
  const started = performance.now();
  const { selection, metrics } = await selectExamples(task.plan.claim, { ...task, ...opened });
  return { status: 'selected', selection, cost: { ...metrics, wallMs: performance.now() - started } };
}
