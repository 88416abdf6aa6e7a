import { PerimeterError } from './perimeter-error.ts';
import { parseShard } from './read-rows.ts';
import type { Row } from './records/certificate.ts';
import { shardPositions, type Plan } from './records/plan.ts';
import { runKeys } from './records/run-keys.ts';
import type { Store } from './storage/store.ts';

/** What there is of a shard in a generation, and what is to be drawn. */
export interface ShardState {
  /** The generation's own rows, where the shard is done. */
  readonly own?: Row[];
  /** The rows before this generation; none in the first. */
  readonly before?: Row[];
  /** Positions, in the claim's order, of the examples that are this generation's to draw: all, or those that had failed. */
  readonly positions: readonly number[];
}

/** Looks up what there is of a shard, and what a generation has to draw of it. */
export async function shardState({
  store,
  plan,
  shard,
  generation = 1,
}: {
  store: Store;
  plan: Plan;
  shard: number;
  generation?: number | undefined;
}): Promise<ShardState> {
  const own = await rowsAt(generation);
  let before: Row[] | undefined;
  for (let earlier = generation - 1; earlier >= 1 && before === undefined; earlier--) before = await rowsAt(earlier);
  const { first, end } = shardPositions(plan, shard);
  const all = Array.from({ length: end - first }, (_, at) => first + at);
  return {
    ...(own && { own }),
    ...(before && { before }),
    positions: before === undefined ? all : all.filter((position) => before[position - first].status === 'failed'),
  };

  async function rowsAt(at: number): Promise<Row[] | undefined> {
    const key = runKeys.shard(plan.run, shard, at);
    try {
      return parseShard({ plan, shard, bytes: await store.get(key), url: store.url(key) });
    } catch (error) {
      if (error instanceof PerimeterError && error.code === 'NotFound') return undefined;
      throw error;
    }
  }
}
