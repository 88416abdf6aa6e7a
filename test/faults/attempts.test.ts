import { afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { readPlan } from '../../certification/plan-run.ts';
import { readRows } from '../../certification/read-rows.ts';
import { readSummary } from '../../certification/read-summary.ts';
import type { Request } from '../../certification/records/request.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import type { GuardedProcess } from '../../cli/dev/spawn-guarded.ts';
import { startCluster, type Cluster } from '../support/cluster.ts';
import { createBucket } from '../support/create-bucket.ts';
import { expectWholeRun } from '../support/expect-whole-run.ts';
import { s3Environment } from '../support/s3-environment.ts';
import { startS3Proxy, type Forward } from '../support/s3-proxy.ts';
import type { S3Request, S3Response } from '../support/send-signed.ts';
import { shardAttempts } from '../support/shard-attempts.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const server = inject('s3');
const asRoot = s3Environment(server);

let cluster: Cluster;
let samplers: GuardedProcess[] = [];

beforeAll(async () => {
  Object.assign(process.env, asRoot);
  cluster = await startCluster();
  await cluster.startWorker({ role: 'control', env: asRoot });
});

afterEach(async () => {
  await Promise.all(samplers.map((sampler) => sampler.kill()));
  samplers = [];
});

async function startSampler(options: { poison?: number; env?: NodeJS.ProcessEnv } = {}): Promise<GuardedProcess> {
  const sampler = await cluster.startWorker({ role: 'sampler', env: asRoot, ...options });
  samplers.push(sampler);
  return sampler;
}

describe('an example that kills its sampler', () => {
  it('is recorded as failed after three times, and the rest completes', async () => {
    const poison = 4;
    const out = temporaryFolder();
    let deaths = 0;
    let over = false;
    const replaceTheDead = async () => {
      let sampler = await startSampler({ poison });
      await until(
        async () => {
          if (!over && sampler.ended()) {
            deaths++;
            sampler = await startSampler({ poison });
          }
        },
        () => over,
      );
    };
    const replacing = replaceTheDead();
    const request = stubRequest({ stub: { examples: 12 }, shardSize: 6, maxFailedShare: 0.2, out });
    const { run, handle } = await cluster.startRun(request);
    const { failed } = await handle.result();
    over = true;
    await replacing;
    expect(failed).toBe(1);
    // Two to find which of the shard's examples it is, three on that one.
    expect(deaths).toBeLessThanOrEqual(5);
    const store = openStore(out);
    const plan = await readPlan(store, run);
    if (plan === undefined) throw new Error('the run has no plan');
    const rows = await readRows({ store, plan, failedShards: [] });
    expect(rows.filter(({ status }) => status === 'failed').map(({ index }) => index)).toEqual([poison]);
    expect(rows[poison].reason).toBe('its sampler died 3 times in a row while drawing it');
    const { summary } = await readSummary(store, run);
    expect(summary).toMatchObject({ examples: 12, failed: 1 });
  });
});

describe('a sampler that stood still for so long that it was taken for dead', () => {
  it('takes part again when it goes on, beside the one that took over its shard', async () => {
    const out = temporaryFolder();
    const stub = { examples: 16, secondsPerSample: 0.0004 };
    const request = stubRequest({ stub, n: 400, shardSize: 4, seed: 'stood still', out });
    const still = await startSampler();
    const { run, handle } = await cluster.startRun(request);
    const attempts = () => shardAttempts(cluster.client, handle);
    await until(attempts, (pending) => pending.some(({ progress }) => (progress?.drawn ?? 0) > 0));
    process.kill(still.pid, 'SIGSTOP');
    await startSampler();
    await until(attempts, (pending) => pending.some(({ attempt, started }) => attempt === 2 && started));
    process.kill(still.pid, 'SIGCONT');
    await handle.result();
    await expectWholeRun(request, run);
    expect(still.ended()).toBe(false);
  });
});

/** A sampler's way to the store, where the rows that it writes are held back until they are let through. */
async function startHoldingProxy() {
  let arrived: () => void = () => undefined;
  let letThrough: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (arrived = resolve));
  const open = new Promise<void>((resolve) => (letThrough = resolve));
  let answered: (status: number) => void = () => undefined;
  const answer = new Promise<number>((resolve) => (answered = resolve));
  const handle = async (request: S3Request, forward: Forward): Promise<S3Response> => {
    const rows = request.method === 'PUT' && request.path.includes('/shards/');
    if (rows) {
      arrived();
      await open;
    }
    const response = await forward(request);
    if (rows) answered(response.status);
    return response;
  };
  const { endpoint, stop } = await startS3Proxy({ server, handle });
  return { env: s3Environment({ ...server, endpoint }), held, letThrough, answer, stop };
}

describe('two attempts at a shard that both write its rows', () => {
  let request: Request;
  let first: Awaited<ReturnType<typeof startHoldingProxy>>;
  let second: Awaited<ReturnType<typeof startHoldingProxy>>;
  let zombie: GuardedProcess;
  let run: string;
  let result: Promise<unknown>;

  beforeEach(async () => {
    const out = `s3://${await createBucket({ server })}/audits`;
    request = stubRequest({ stub: { examples: 8 }, shardSize: 8, seed: 'written twice', out });
    first = await startHoldingProxy();
    second = await startHoldingProxy();
    zombie = await startSampler({ env: first.env });
    const started = await cluster.startRun(request);
    run = started.run;
    result = started.handle.result();
    await first.held;
    process.kill(zombie.pid, 'SIGSTOP');
    await startSampler({ env: second.env });
    await second.held;
  });

  afterEach(async () => {
    await first.stop();
    await second.stop();
  });

  const expectUnmoved = async () => {
    await expectWholeRun(request, run);
    expect(zombie.ended()).toBe(false);
    expect(samplers.map((sampler) => sampler.output()).join('')).not.toContain('DeterminismViolation');
  };

  it('leave one file where the one taken for dead comes first', async () => {
    first.letThrough();
    expect(await first.answer).toBe(200);
    second.letThrough();
    expect(await second.answer).toBe(412);
    await result;
    process.kill(zombie.pid, 'SIGCONT');
    await expectUnmoved();
  });

  it('leave one file where the one taken for dead comes last, and it goes on with what is next', async () => {
    second.letThrough();
    expect(await second.answer).toBe(200);
    await result;
    await samplers[1].kill();
    first.letThrough();
    expect(await first.answer).toBe(412);
    process.kill(zombie.pid, 'SIGCONT');
    const next = stubRequest({ stub: { examples: 8 }, seed: 'the next', out: request.out });
    await (await cluster.startRun(next)).handle.result();
    await expectUnmoved();
  });
});
