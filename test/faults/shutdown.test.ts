import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { countedSamples } from '../../bench/counted-sampler.ts';
import type { RequestInput } from '../../certification/records/request.ts';
import { startCluster, type Cluster } from '../support/cluster.ts';
import { expectWholeRun } from '../support/expect-whole-run.ts';
import { fashionMnist } from '../support/fashion-mnist.ts';
import { shardAttempts } from '../support/shard-attempts.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { untilPolled } from '../support/until-polled.ts';

/** Of a rollout: how long a shard may lie still. */
const HANDOVER_MS = 5_000;

const requests: { what: string; request: RequestInput }[] = [
  { what: 'a stub', request: stubRequest({ stub: { examples: 8, secondsPerSample: 0.0005 }, n: 1_000, shardSize: 8 }) },
  { what: 'a model', request: { ...fashionMnist, limit: 8, n0: 10, n: 2_500, shardSize: 8 } },
];

describe('a sampler that is told to end', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
    await cluster.startWorker({ role: 'control' });
  });

  it.each(requests)('hands its shard over at once, with every sample that it drew, of $what', async ({ request }) => {
    const folder = temporaryFolder();
    const start = async (name: string) => {
      const counts = join(folder, name);
      // The product's own throttle: the last heartbeat has to come outside of it.
      const sampler = await cluster.startWorker({ role: 'sampler', heartbeatThrottleMs: 5_000, counts });
      return { sampler, drawn: () => countedSamples(counts) };
    };
    const both = [await start('one'), await start('other')];
    await untilPolled(
      cluster.client,
      both.map(({ sampler }) => sampler),
    );
    const claim = { ...request, seed: 'told to end', out: folder };
    const { run, handle } = await cluster.startRun(claim);
    const needed = 8 * ((claim.n0 ?? 0) + (claim.n ?? 0));
    const busy = await until(
      () => both.find(({ drawn }) => drawn() > 0.3 * needed),
      (found) => found !== undefined,
    );
    const told = performance.now();
    const exit = busy?.sampler.stop(60_000).then(() => performance.now() - told);
    const [attempt] = await until(
      () => shardAttempts(cluster.client, handle),
      (pending) => pending.some(({ attempt: number, started }) => number === 2 && started),
    );
    expect(performance.now() - told).toBeLessThan(HANDOVER_MS);
    expect(await exit).toBeLessThan(HANDOVER_MS);
    expect(attempt.failure).toContain('another goes on from its last heartbeat');

    await handle.result();
    await expectWholeRun(claim, run);
    expect(both.reduce((sum, { drawn }) => sum + drawn(), 0)).toBe(needed);
    await Promise.all(both.map(({ sampler }) => sampler.kill()));
  });
});
