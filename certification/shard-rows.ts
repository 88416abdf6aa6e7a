import { parseShard } from './read-rows.ts';
import type { Row } from './records/certificate.ts';
import { shardPositions, type Plan } from './records/plan.ts';
import { runKeys } from './records/run-keys.ts';
import { getIfThere } from './storage/get-if-there.ts';
import type { Store } from './storage/store.ts';

/** A shard of a run, in a generation of its results. */
export interface ShardOfGeneration {
  readonly store: Store;
  readonly plan: Plan;
  readonly shard: number;
  readonly generation?: number | undefined;
}

/** The rows that a generation has of a shard of its own; undefined where it has none. */
export async function shardRows({ store, plan, shard, generation = 1 }: ShardOfGeneration): Promise<Row[] | undefined> {
  const key = runKeys.shard(plan.run, shard, generation);
  const bytes = await getIfThere(store, key);
  return bytes && parseShard({ plan, shard, bytes, url: store.url(key) });
}

/** The rows of a shard before a generation: those of the last one that has some, and none before the first. */
export async function rowsBefore({ generation = 1, ...shard }: ShardOfGeneration): Promise<Row[] | undefined> {
  for (let earlier = generation - 1; earlier >= 1; earlier--) {
    const rows = await shardRows({ ...shard, generation: earlier });
    if (rows !== undefined) return rows;
  }
  return undefined;
}

/**
 * Which examples of a shard a generation draws: all, or those that had failed before it.
 *
 * @param before its rows before that generation, where there are some.
 * @returns their positions, in the claim's order.
 */
export function positionsToDraw(plan: Plan, shard: number, before: readonly Row[] | undefined): number[] {
  const { first, end } = shardPositions(plan, shard);
  const all = Array.from({ length: end - first }, (_, at) => first + at);
  return before === undefined ? all : all.filter((_, at) => before[at].status === 'failed');
}
