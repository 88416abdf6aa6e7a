import { failureOf, shardsWithFailures } from './failed-shards.ts';
import { readGenerations } from './generations.ts';
import { claimedIndex } from './records/claim.ts';
import { shardPositions, type Plan } from './records/plan.ts';
import { shardRows } from './shard-rows.ts';
import type { Store } from './storage/store.ts';

/** What failed and why: a whole shard, by its examples, or one example of a shard. */
export type Failure =
  | {
      readonly kind: 'shard';
      readonly shard: number;
      readonly firstExample: number;
      readonly lastExample: number;
      readonly reason: string;
    }
  | { readonly kind: 'example'; readonly shard: number; readonly example: number; readonly reason: string };

/**
 * What of a run has failed and not been certified since, in order of the shards; of a run under way, so far. Reads the
 * shards alone of which something failed.
 */
export async function listFailures(store: Store, plan: Plan): Promise<Failure[]> {
  const { run, claim } = plan;
  const { last, newestOf } = await readGenerations(store, run);
  const failures: Failure[] = [];
  for (const shard of await shardsWithFailures(store, run)) {
    const rows = await shardRows({ store, plan, shard, generation: newestOf(shard, last) });
    if (rows === undefined) {
      const { first, end } = shardPositions(plan, shard);
      const [firstExample, lastExample] = [first, end - 1].map((position) => claimedIndex(claim, position));
      const reason = await failureOf(store, run, shard);
      failures.push({ kind: 'shard', shard, firstExample, lastExample, reason });
      continue;
    }
    for (const { index, status, reason } of rows) {
      if (status === 'failed')
        failures.push({ kind: 'example', shard, example: index, reason: reason ?? 'no reason given' });
    }
  }
  return failures;
}
