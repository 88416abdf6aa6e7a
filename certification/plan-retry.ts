import { readFailedShards } from './failed-shards.ts';
import { readGenerations } from './generations.ts';
import { PerimeterError } from './perimeter-error.ts';
import { requirePlan } from './plan-run.ts';
import { readAhead } from './read-ahead.ts';
import { shardPositions, type Plan } from './records/plan.ts';
import { runKeys } from './records/run-keys.ts';
import { shardState } from './shard-state.ts';
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
  const { last } = await readGenerations(store, run);
  const generation = last + 1;
  const withoutRows = new Set((await readFailedShards(store, plan)).map(({ shard }) => shard));
  const shards: number[] = [];
  let examples = 0;
  const fetch = (shard: number) => shardState({ store, plan, shard, generation });
  let shard = 0;
  for await (const { before, positions } of readAhead({ count: plan.execution.shards, ahead: SHARDS_AHEAD, fetch })) {
    if (before === undefined && !withoutRows.has(shard)) throw unfinished(store, plan, shard);
    if (positions.length > 0) {
      shards.push(shard);
      examples += positions.length;
    }
    shard++;
  }
  if (shards.length > 0) return { plan, generation, shards, examples };
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
