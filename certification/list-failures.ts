import { readFailedShards, shardsWithFailures } from './failed-shards.ts';
import { readGenerations } from './generations.ts';
import { parseShard } from './read-rows.ts';
import { claimedIndex } from './records/claim.ts';
import { shardPositions, type Plan } from './records/plan.ts';
import { runKeys } from './records/run-keys.ts';
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
  const withoutRows = new Map((await readFailedShards(store, plan)).map(({ shard, reason }) => [shard, reason]));
  const { last, newestOf } = await readGenerations(store, run);
  const failures: Failure[] = [];
  for (const shard of await shardsWithFailures(store, run)) {
    const reason = withoutRows.get(shard);
    if (reason !== undefined) {
      const { first, end } = shardPositions(plan, shard);
      const [firstExample, lastExample] = [first, end - 1].map((position) => claimedIndex(claim, position));
      failures.push({ kind: 'shard', shard, firstExample, lastExample, reason });
      continue;
    }
    const key = runKeys.shard(run, shard, newestOf(shard, last));
    const rows = parseShard({ plan, shard, bytes: await store.get(key), url: store.url(key) });
    for (const { index, status, reason: why } of rows) {
      if (status === 'failed')
        failures.push({ kind: 'example', shard, example: index, reason: why ?? 'no reason given' });
    }
  }
  return failures;
}
