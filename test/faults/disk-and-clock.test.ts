import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { countedSamples } from '../../bench/counted-sampler.ts';
import { fetchStatus } from '../../cli/runs.ts';
import { startCluster } from '../support/cluster.ts';
import { createBucket } from '../support/create-bucket.ts';
import { expectWholeRun } from '../support/expect-whole-run.ts';
import { s3Environment } from '../support/s3-environment.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

/** Lets no file of a running process grow beyond a size: as on a full disk, a write ends short and the next one fails. */
function limitFiles(pid: number, bytes: number | 'unlimited') {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]);
}

describe('a worker with no room to write', () => {
  it('says so, leaves nothing half-written, and completes the run when there is room again', async () => {
    const out = temporaryFolder();
    const cluster = await startCluster();
    const control = await cluster.startWorker({ role: 'control' });
    const sampler = await cluster.startWorker({ role: 'sampler' });
    // Less than the rows of a shard.
    limitFiles(sampler.pid, 600);
    const request = stubRequest({
      stub: { examples: 24 },
      n: 200,
      shardSize: 8,
      seed: 'a full disk',
      run: 'full',
      out,
    });
    const { run, handle } = await cluster.startRun(request);
    const folder = join(out, 'runs', run);
    const retrying = async () => (await fetchStatus(cluster.client, handle)).retrying;

    const [sentence] = await until(retrying, ({ length }) => length > 0);
    expect(sentence).toMatch(/^The store failed at writing \/.*\/0000\d\.jsonl: [^:]* larger than its limit .*\.$/);
    expect(readdirSync(join(folder, 'shards'))).toEqual([]);

    // Less than the table of certificates.
    limitFiles(control.pid, 600);
    limitFiles(sampler.pid, 'unlimited');
    await until(retrying, (sentences) => sentences.some((each) => each.includes('certificates.')));
    expect(readdirSync(folder).sort()).toEqual(['commitment.json', 'plan.json', 'shards']);
    expect(readdirSync(join(folder, 'shards'))).toHaveLength(3);

    limitFiles(control.pid, 'unlimited');
    await handle.result();
    await expectWholeRun(request, run);
  });
});

describe('a worker whose clock', () => {
  const server = inject('s3');
  const clocks = [
    { what: 'is hours ahead', clock: { hours: 5 } },
    { what: 'is hours behind', clock: { hours: -5 } },
    { what: 'jumps forth and back', clock: { hours: 5, jumps: true } },
  ];

  it.each(clocks)('$what leaves the bytes of one process, and loses no work', async ({ clock }) => {
    Object.assign(process.env, s3Environment(server));
    const out = `s3://${await createBucket({ server })}/audits`;
    const counts = join(temporaryFolder(), 'counts');
    const cluster = await startCluster();
    const env = s3Environment(server);
    await cluster.startWorker({ role: 'control', env, clock });
    await cluster.startWorker({ role: 'sampler', env, clock, counts });
    const stub = { examples: 32, secondsPerSample: 0.001 };
    const request = stubRequest({ stub, n: 240, shardSize: 4, seed: 'a wrong clock', out });
    const { run, handle } = await cluster.startRun(request);
    const { failed } = await handle.result();
    expect(failed).toBe(0);
    await expectWholeRun(request, run);
    expect(countedSamples(counts)).toBe(32 * (request.n0 + request.n));
  });
});
