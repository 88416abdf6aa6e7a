import { runKeys } from './records/run-keys.ts';
import { selectExamples, type Selection } from './select-examples.ts';
import { openShard, type ShardCost, type ShardTask } from './shard-task.ts';

export type SelectionResult =
  | { readonly status: 'selected'; readonly selection: Selection; readonly cost: ShardCost }
  /** The shard's certificates are in the store already. */
  | { readonly status: 'certified' };

/** The selection of a shard. */
export async function selectShard(task: ShardTask): Promise<SelectionResult> {
  const { plan, shard, store } = task;
  if (await store.has(runKeys.shard(plan.run, shard))) return { status: 'certified' };
  const opened = await openShard(task);
  const started = performance.now();
  const { selection, metrics } = await selectExamples(plan.claim, { ...task, ...opened });
  return { status: 'selected', selection, cost: { ...metrics, wallMs: performance.now() - started } };
}
