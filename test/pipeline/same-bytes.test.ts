import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import { fileURLToPath } from 'node:url';
import { startCluster, type Cluster } from '../support/cluster.ts';
import { fashionMnist } from '../support/fashion-mnist.ts';
import { resultBytes, runLocally } from '../support/run-locally.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const claim = { ...fashionMnist, limit: 70, n0: 20, n: 300, seed: 'the same bytes' };

describe('the results of a claim', () => {
  let cluster: Cluster;
  let out: string;
  let local: { parquet: string; summary: string };

  beforeAll(async () => {
    cluster = await startCluster();
    out = temporaryFolder(afterAll);
    await cluster.startWorker({ role: 'control' });
    await cluster.startWorker({ role: 'sampler' });
    local = resultBytes((await runLocally({ ...claim, shardSize: 12, out })).folder);
  });

  async function distributed(shardSize: number) {
    const { handle } = await cluster.startRun({ ...claim, shardSize, out });
    const { url, failed } = await handle.result();
    expect(failed).toBe(0);
    return resultBytes(fileURLToPath(url));
  }

  it.each([1, 7, 64])('are those of one process, with one sampler and shards of %i', async (shardSize) => {
    expect(await distributed(shardSize)).toEqual(local);
  });

  describe('with three samplers', () => {
    beforeAll(async () => {
      await cluster.startWorker({ role: 'sampler', processes: 2 });
      await cluster.startWorker({ role: 'sampler' });
    });

    it.each([1, 7, 64])('are those of one process, with shards of %i', async (shardSize) => {
      expect(await distributed(shardSize)).toEqual(local);
    });
  });

  it('are those of one process where it was stopped in between', async () => {
    const stop = new AbortController();
    const request = { ...claim, shardSize: 12, out, run: 'stopped' };
    const stopped = runLocally(request, {
      signal: stop.signal,
      onProgress: ({ examples }) => {
        if (examples > 30) stop.abort(new Error('enough'));
      },
    });
    await expect(stopped).rejects.toThrow('enough');
    const { folder } = await runLocally(request);
    expect(resultBytes(folder)).toEqual(local);
  });

  it('are others for another seed', async () => {
    const { folder } = await runLocally({ ...claim, seed: 'another', out });
    expect(resultBytes(folder).parquet).not.toBe(local.parquet);
  });
});
