import { readGenerations } from './generations.ts';
import { PerimeterError } from './perimeter-error.ts';
import { requirePlan } from './plan-run.ts';
import { readAhead } from './read-ahead.ts';
import { shardPositions, type Plan } from './records/plan.ts';
import { runKeys } from './records/run-keys.ts';
import { positionsToDraw, shardRows } from './shard-rows.ts';
import type { Store } from './storage/store.ts';

/** What is to be drawn again of a run. */
export interface Retry {
  readonly plan: Plan;
  /** Of the results that it will leave. */
  readonly generation: number;
  /** The shards that hold the failed examples, in order. */
  readonly shards: readonly number[];
  /** How many examples failed. */
  readonly examples: number;
}

/** Shards that are looked at together. */
const SHARDS_AHEAD = 8;

/**
 * Finds what of a run failed, to be drawn again. The noise is that of the run: what comes out is what would have come
 * out the first time, so a retry gives nobody a second chance.
 *
 * @throws PerimeterError `NotFound` where there is no such run; `InvalidRequest` where nothing of it failed, or some of
 *   its shards weren't tried yet.
 */
export async function planRetry(store: Store, run: string): Promise<Retry> {
  const plan = await requirePlan(store, run);
  const { last, newestOf } = await readGenerations(store, run);
  const shards: number[] = [];
  let examples = 0;
  const fetch = async (shard: number) => ({
    shard,
    rows: await shardRows({ store, plan, shard, generation: newestOf(shard, last) }),
  });
  for await (const { shard, rows } of readAhead({ count: plan.execution.shards, ahead: SHARDS_AHEAD, fetch })) {
    if (rows === undefined && !(await store.has(runKeys.failedShard(run, shard)))) throw unfinished(store, plan, shard);
    const failed = positionsToDraw(plan, shard, rows).length;
    if (failed > 0) shards.push(shard);
    examples += failed;
  }
  if (shards.length > 0) return { plan, generation: last + 1, shards, examples };
  throw new PerimeterError('InvalidRequest', `No example of run ${run} has failed: there is nothing to try again.`);
}

function unfinished(store: Store, plan: Plan, shard: number): PerimeterError {
  const { run } = plan;
  const { first, end } = shardPositions(plan, shard);
  return new PerimeterError(
    'InvalidRequest',
    `Run ${run} in ${store.url(runKeys.folder(run))} isn't at its end: examples ${first + 1} to ${end} of it were not tried yet. ` +
      `Certify the same request with --run ${run} first, which goes on where it was.`,
  );
}
