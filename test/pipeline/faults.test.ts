import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { GuardedProcess } from '../../cli/dev/spawn-guarded.ts';
import { fetchStatus, runFailure, type RunHandle } from '../../cli/runs.ts';
import { readPlan } from '../../certification/plan-run.ts';
import { readRows } from '../../certification/read-rows.ts';
import { readSummary } from '../../certification/read-summary.ts';
import { runKeys } from '../../certification/records/run-keys.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { pauseUpdate, resumeUpdate, setConcurrencyUpdate } from '../../workflows/messages.ts';
import { startCluster, type Cluster } from '../support/cluster.ts';
import { createBucket } from '../support/create-bucket.ts';
import { fashionMnist } from '../support/fashion-mnist.ts';
import { runCli } from '../support/run-cli.ts';
import { resultBytes, runLocally } from '../support/run-locally.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const claim = { ...fashionMnist, limit: 12, n0: 20, n: 3_000, seed: 'faults' };
/** A run that no test waits for to end by itself. */
const endless = { ...fashionMnist, limit: 200, n: 100_000, shardSize: 5 };

let cluster: Cluster;
let out: string;
let samplers: GuardedProcess[] = [];

beforeAll(async () => {
  cluster = await startCluster();
  out = temporaryFolder(afterAll);
  await cluster.startWorker({ role: 'control' });
});

afterEach(async () => {
  await Promise.all(samplers.map((sampler) => sampler.kill()));
  samplers = [];
});

async function startSampler(options: { poison?: number } = {}): Promise<GuardedProcess> {
  const sampler = await cluster.startWorker({ role: 'sampler', ...options });
  samplers.push(sampler);
  return sampler;
}

async function until<T>(ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    await sleep(100);
  }
}

async function metricsOf(run: string): Promise<{ samplesDrawn: number }> {
  const bytes = await openStore(out).get(runKeys.result(run, 'metrics.json'));
  return JSON.parse(new TextDecoder().decode(bytes)) as { samplesDrawn: number };
}

const statusOf = (handle: RunHandle) => fetchStatus(cluster.client, handle);

describe('a sampler killed in the middle of a shard', () => {
  it('leaves the same bytes in sequential mode, and a run that verifies', async () => {
    const sequential = { ...claim, limit: 60, n: 20_000, radii: [0.25, 0.5], skipMisclassified: false };
    const { folder, summary } = await runLocally({ ...sequential, out });
    const first = await startSampler();
    const { run, handle } = await cluster.startRun({ ...sequential, shardSize: 60, out });
    await until(
      () => statusOf(handle),
      ({ samplesDone }) => samplesDone > 0.6 * sequential.limit * sequential.n,
    );
    await first.kill();
    await startSampler();
    const { url } = await handle.result();
    expect(resultBytes(fileURLToPath(url))).toEqual(resultBytes(folder));
    expect((await metricsOf(run)).samplesDrawn).toBeLessThan(0.9 * summary.samples);
    const verified = await runCli(['verify', fileURLToPath(url), '--replay', '100%']);
    expect(verified).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/60 of 60 examples in .*: all equal/) as string,
    });
  });

  it('leaves the same bytes, and its samples are not drawn again', async () => {
    const local = resultBytes((await runLocally({ ...claim, out })).folder);
    const first = await startSampler();
    const { run, handle } = await cluster.startRun({ ...claim, shardSize: 12, out });
    const enough = 0.4 * claim.limit * claim.n;
    await until(
      () => statusOf(handle),
      ({ samplesDone }) => samplesDone > enough,
    );
    await first.kill();
    await startSampler();
    const { url } = await handle.result();
    expect(resultBytes(fileURLToPath(url))).toEqual(local);
    // The second sampler's share alone: the first never reported its own.
    expect((await metricsOf(run)).samplesDrawn).toBeLessThan(0.75 * claim.limit * (claim.n + claim.n0));
  });
});

describe('an example that kills its sampler', () => {
  it('is recorded as failed after three times, and the rest completes', async () => {
    const poison = 4;
    let deaths = 0;
    let over = false;
    const replaceTheDead = async () => {
      let sampler = await startSampler({ poison });
      while (!over) {
        if (sampler.ended()) {
          deaths++;
          sampler = await startSampler({ poison });
        }
        await sleep(50);
      }
    };
    const replacing = replaceTheDead();
    const { run, handle } = await cluster.startRun({ ...claim, n: 300, shardSize: 6, maxFailedShare: 0.2, out });
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
  }, 120_000);
});

describe('a run under way', () => {
  it('starts nothing more while paused, and goes on when resumed', async () => {
    await startSampler();
    const { handle } = await cluster.startRun({ ...claim, n: 300, shardSize: 1, concurrency: 1, out });
    await until(
      () => statusOf(handle),
      ({ shardsFinished }) => shardsFinished >= 2,
    );
    await handle.executeUpdate(pauseUpdate);
    await sleep(2_000);
    const paused = await statusOf(handle);
    expect(paused.state).toBe('paused');
    expect(paused.shardsFinished).toBeLessThan(12);
    await sleep(2_000);
    expect((await statusOf(handle)).shardsFinished).toBe(paused.shardsFinished);
    await handle.executeUpdate(resumeUpdate);
    expect((await handle.result()).examples).toBe(12);
  });

  it('has as many shards under way as it was last told', async () => {
    const { handle } = await cluster.startRun({ ...endless, concurrency: 2, out });
    await startSampler();
    const underWay = async () => {
      const range = cluster.client.workflow.getHandle(`${handle.workflowId}/range-0`);
      return (await range.describe()).raw.pendingActivities?.length;
    };
    await until(statusOf.bind(undefined, handle), ({ state }) => state === 'running');
    await until(underWay, (shards) => shards === 2);
    await handle.executeUpdate(setConcurrencyUpdate, { args: [7] });
    await until(underWay, (shards) => shards === 7);
    await expect(handle.executeUpdate(setConcurrencyUpdate, { args: [0] })).rejects.toThrow();
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow();
  });

  it('leaves no task under way and no manifest when cancelled', async () => {
    await startSampler();
    const { run, handle } = await cluster.startRun({ ...endless, out });
    await until(
      () => statusOf(handle),
      ({ samplesDone }) => samplesDone > 0,
    );
    await handle.cancel();
    const error: unknown = await handle.result().catch((reason: unknown) => runFailure(reason, run));
    expect(error).toMatchObject({ code: 'RunCancelled' });
    const range = await cluster.client.workflow.getHandle(`${handle.workflowId}/range-0`).describe();
    expect(range.status.name).toBe('CANCELLED');
    expect(range.raw.pendingActivities ?? []).toHaveLength(0);
    expect(await openStore(out).has(runKeys.manifest(run))).toBe(false);
  });

  it('ends with the sentence of what was wrong', async () => {
    await startSampler();
    const { run, handle } = await cluster.startRun({ ...claim, dataset: '/nowhere/images.idx', out });
    const error: unknown = await handle.result().catch((reason: unknown) => runFailure(reason, run));
    expect(error).toMatchObject({
      name: 'PerimeterError',
      message: expect.stringContaining('/nowhere/images.idx') as string,
    });
    expect(await openStore(out).has(runKeys.plan(run))).toBe(false);
    const status = await statusOf(handle);
    expect(status).toMatchObject({ state: 'failed', reason: expect.stringContaining('/nowhere/images.idx') as string });
  });
});

describe('a run in an S3 bucket', () => {
  it('is completed by samplers that may write shards alone, with the bytes of one process', async () => {
    const server = inject('s3');
    const bucket = await createBucket({ server });
    const as = ({ accessKeyId, secretAccessKey }: typeof server.root) => ({
      AWS_ENDPOINT_URL_S3: server.endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_REGION: 'us-east-1',
    });
    // Another cluster: the control worker of this one knows no S3 server.
    const onS3 = await startCluster();
    await onS3.startWorker({ role: 'control', env: as(server.root) });
    await onS3.startWorker({ role: 'sampler', env: as(server.sampler) });
    const request = { ...claim, n: 300, shardSize: 5 };
    const { run, handle } = await onS3.startRun({ ...request, out: `s3://${bucket}/audits` });
    const { url } = await handle.result();
    expect(url).toBe(`s3://${bucket}/audits/runs/${run}`);
    Object.assign(process.env, as(server.root));
    const store = openStore(`s3://${bucket}/audits`);
    const get = async (name: string) => Buffer.from(await store.get(runKeys.result(run, name)));
    const local = resultBytes((await runLocally({ ...request, out })).folder);
    expect((await get('certificates.parquet')).toString('base64')).toBe(local.parquet);
    expect((await get('summary.json')).toString()).toBe(local.summary);
  });
});
