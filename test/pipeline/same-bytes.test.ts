import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import { fileURLToPath } from 'node:url';
import { startCluster, type Cluster } from '../support/cluster.ts';
import { fashionMnist } from '../support/fashion-mnist.ts';
import { resultBytes, runLocally } from '../support/run-locally.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const claim = { ...fashionMnist, limit: 70, n0: 20, n: 300, seed: 'the same bytes' };
const sequential = { ...claim, n: 1_000, radii: [0, 0.25, 0.5] };
const claims = [
  { mode: 'fixed' as const, request: claim },
  { mode: 'sequential' as const, request: sequential },
];
const layouts = claims.flatMap((each) => [1, 7, 64].map((shardSize) => ({ ...each, shardSize })));

describe('the results of a claim', () => {
  let cluster: Cluster;
  let out: string;
  let local: Record<'fixed' | 'sequential', { parquet: string; summary: string }>;

  beforeAll(async () => {
    cluster = await startCluster();
    out = temporaryFolder(afterAll);
    await cluster.startWorker({ role: 'control' });
    await cluster.startWorker({ role: 'sampler' });
    local = {
      fixed: resultBytes((await runLocally({ ...claim, shardSize: 12, out })).folder),
      sequential: resultBytes((await runLocally({ ...sequential, shardSize: 12, out })).folder),
    };
  });

  async function distributed(request: typeof claim, shardSize: number) {
    const { handle } = await cluster.startRun({ ...request, shardSize, out });
    const { url, failed } = await handle.result();
    expect(failed).toBe(0);
    return resultBytes(fileURLToPath(url));
  }

  it.each(layouts)(
    'are those of one process, with one sampler and shards of $shardSize, $mode',
    async ({ mode, request, shardSize }) => {
      expect(await distributed(request, shardSize)).toEqual(local[mode]);
    },
  );

  describe('with three samplers', () => {
    beforeAll(async () => {
      await cluster.startWorker({ role: 'sampler', processes: 2 });
      await cluster.startWorker({ role: 'sampler' });
    });

    it.each(layouts)(
      'are those of one process, with shards of $shardSize, $mode',
      async ({ mode, request, shardSize }) => {
        expect(await distributed(request, shardSize)).toEqual(local[mode]);
      },
    );
  });

  it.each(claims)('are those of one process where it was stopped in between, $mode', async ({ mode, request }) => {
    const stop = new AbortController();
    const again = { ...request, shardSize: 12, out, run: `stopped-${mode}` };
    const stopped = runLocally(again, {
      signal: stop.signal,
      onProgress: ({ examples }) => {
        if (examples > 30) stop.abort(new Error('enough'));
      },
    });
    await expect(stopped).rejects.toThrow('enough');
    const { folder } = await runLocally(again);
    expect(resultBytes(folder)).toEqual(local[mode]);
  });

  it('are others for another seed', async () => {
    const { folder } = await runLocally({ ...claim, seed: 'another', out });
    expect(resultBytes(folder).parquet).not.toBe(local.fixed.parquet);
  });
});
