import { describe, expect, it } from 'vitest';
import { readFailedShards, recordFailedShard } from '../../certification/failed-shards.ts';
import { runKeys } from '../../certification/records/run-keys.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = 'r';

describe('what is put down of shards that failed', () => {
  it('is read in their order, with the reason that each failed for first', async () => {
    const store = openStore(temporaryFolder());
    expect(await readFailedShards(store, { run })).toEqual([]);
    for (const shard of [100_000, 99_999, 17, 3])
      await recordFailedShard(store, run, { shard, reason: `reason ${shard}` });
    await recordFailedShard(store, run, { shard: 17, reason: 'reason 17' });
    await recordFailedShard(store, run, { shard: 17, reason: 'another' });
    expect(await readFailedShards(store, { run })).toEqual(
      [3, 17, 99_999, 100_000].map((shard) => ({ shard, reason: `reason ${shard}` })),
    );
  });

  it('no longer counts once the shard is certified', async () => {
    const store = openStore(temporaryFolder());
    await recordFailedShard(store, run, { shard: 0, reason: 'a bad disk' });
    await store.putIfAbsent(runKeys.shard(run, 0), new Uint8Array([1]));
    expect(await readFailedShards(store, { run })).toEqual([]);
  });
});
