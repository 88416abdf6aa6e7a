import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { countedSamples } from '../../bench/counted-sampler.ts';
import type { Request } from '../../certification/records/request.ts';
import { runKeys } from '../../certification/records/run-keys.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import type { GuardedProcess } from '../../cli/dev/spawn-guarded.ts';
import { fetchStatus, runFailure, type RunHandle } from '../../cli/runs.ts';
import { pauseUpdate, resumeUpdate, setConcurrencyUpdate } from '../../workflows/messages.ts';
import { HEARTBEAT_TIMEOUT_MS, startCluster, type Cluster } from '../support/cluster.ts';
import { expectWholeRun } from '../support/expect-whole-run.ts';
import { fashionMnist } from '../support/fashion-mnist.ts';
import { isAlive, modelProcessesOf, processorTicksOf } from '../../bench/model-processes-of.ts';
import { shardAttempts } from '../support/shard-attempts.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

let cluster: Cluster;
let out: string;
let counts: string;
let sampler: GuardedProcess;

beforeAll(async () => {
  cluster = await startCluster();
  out = temporaryFolder(afterAll);
  await cluster.startWorker({ role: 'control' });
});

beforeEach(async () => {
  counts = join(temporaryFolder(), 'counts');
  sampler = await cluster.startWorker({ role: 'sampler', counts });
});

afterEach(() => sampler.kill());

const statusOf = (handle: RunHandle) => fetchStatus(cluster.client, handle);

/** Of twelve shards, a quarter of a second each. */
const request = (seed: string, more: Partial<Request> = {}) =>
  stubRequest({ stub: { examples: 48, secondsPerSample: 0.0003 }, n: 200, shardSize: 4, seed, out, ...more });

const needed = ({ stub, n0, n }: Request) => (stub?.examples ?? 0) * (n0 + n);

describe('a run under way', () => {
  it('starts nothing more while paused, for longer than a heartbeat may be late, and goes on when resumed', async () => {
    const claim = request('paused', { concurrency: 1 });
    const { run, handle } = await cluster.startRun(claim);
    await until(
      () => statusOf(handle),
      ({ shardsFinished }) => shardsFinished >= 2,
    );
    await handle.executeUpdate(pauseUpdate);
    const attempts = () => shardAttempts(cluster.client, handle);
    await until(attempts, ({ length }) => length === 0);
    const paused = await statusOf(handle);
    expect(paused.state).toBe('paused');
    expect(paused.shardsFinished).toBeLessThan(12);
    await sleep(HEARTBEAT_TIMEOUT_MS + 2_000);
    expect(await statusOf(handle)).toEqual(paused);
    await handle.executeUpdate(resumeUpdate);
    await handle.result();
    await expectWholeRun(claim, run);
    expect(countedSamples(counts)).toBe(needed(claim));
  });

  it('has as many shards under way as it was last told, up and down, and the bytes of one process', async () => {
    const claim = request('told', { concurrency: 2, n: 600 });
    const { run, handle } = await cluster.startRun(claim);
    const underWay = async () => (await shardAttempts(cluster.client, handle)).length;
    const tell = (concurrency: number) => handle.executeUpdate(setConcurrencyUpdate, { args: [concurrency] });
    await until(underWay, (shards) => shards === 2);
    await tell(7);
    await until(underWay, (shards) => shards === 7);
    await expect(tell(0)).rejects.toThrow();
    await tell(1);
    await until(underWay, (shards) => shards === 1);
    await tell(3);
    await until(underWay, (shards) => shards === 3);
    await handle.result();
    await expectWholeRun(claim, run);
    expect(countedSamples(counts)).toBe(needed(claim));
  });

  it('ends with the sentence of what was wrong', async () => {
    const { run, handle } = await cluster.startRun({ ...fashionMnist, dataset: '/nowhere/images.idx', out });
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

describe('a run that is cancelled', () => {
  it('leaves no task, no work of a process and no manifest, and is completed when it is asked for again', async () => {
    const claim = {
      ...fashionMnist,
      limit: 12,
      n0: 20,
      n: 2_000,
      shardSize: 3,
      seed: 'cancelled',
      run: 'cancelled',
      out,
    };
    const { run, handle } = await cluster.startRun(claim);
    await until(
      () => statusOf(handle),
      ({ shardsFinished, samplesDone, samples }) => shardsFinished >= 1 && samplesDone < 0.7 * samples,
    );
    await handle.cancel();
    const error: unknown = await handle.result().catch((reason: unknown) => runFailure(reason, run));
    expect(error).toMatchObject({ code: 'RunCancelled' });
    const range = await cluster.client.workflow.getHandle(`${handle.workflowId}/range-0`).describe();
    expect(range.status.name).toBe('CANCELLED');
    expect(range.raw.pendingActivities ?? []).toHaveLength(0);
    expect(await openStore(out).has(runKeys.manifest(run))).toBe(false);

    const [model, ...others] = modelProcessesOf(sampler.pid);
    expect(others).toEqual([]);
    const ticks = processorTicksOf(model);
    const drawn = countedSamples(counts);
    await sleep(1_000);
    expect(processorTicksOf(model)).toBeLessThanOrEqual(ticks + 2);
    expect(countedSamples(counts)).toBe(drawn);

    const again = await cluster.startRun(claim);
    await again.handle.result();
    await expectWholeRun(claim, run);
    // The shards that were there are not drawn again.
    expect(countedSamples(counts) - drawn).toBeLessThan(0.8 * claim.limit * (claim.n0 + claim.n));
    await sampler.stop();
    expect(isAlive(model)).toBe(false);
  });
});
