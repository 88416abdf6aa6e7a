import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { countedSamples } from '../../bench/counted-sampler.ts';
import { samplesPerExample } from '../../certification/records/plan.ts';
import { readPlan } from '../../certification/plan-run.ts';
import type { Request } from '../../certification/records/request.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import type { GuardedProcess } from '../../cli/dev/spawn-guarded.ts';
import { runResult } from '../../cli/run-result.ts';
import { fetchStatus, type RunHandle } from '../../cli/runs.ts';
import { startCluster, type Cluster } from '../support/cluster.ts';
import { expectWholeRun } from '../support/expect-whole-run.ts';
import { fashionMnist } from '../support/fashion-mnist.ts';
import { isAlive, modelProcessesOf } from '../../bench/model-processes-of.ts';
import { runCli } from '../support/run-cli.ts';
import { shardAttempts } from '../support/shard-attempts.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

let cluster: Cluster;
let out: string;
let counts: string;
let control: GuardedProcess;
let samplers: GuardedProcess[];

beforeAll(async () => {
  cluster = await startCluster({ durable: true });
  out = temporaryFolder(afterAll);
  control = await cluster.startWorker({ role: 'control' });
});

beforeEach(() => {
  samplers = [];
  counts = join(temporaryFolder(), 'counts');
});

afterEach(async () => {
  await Promise.all(samplers.map((sampler) => sampler.kill()));
});

async function startSampler(options: { heartbeatThrottleMs?: number } = {}): Promise<GuardedProcess> {
  const sampler = await cluster.startWorker({ role: 'sampler', counts, ...options });
  samplers.push(sampler);
  return sampler;
}

/** Waits until a share of the run's samples is drawn. */
async function untilDrawn(handle: RunHandle, share: number) {
  await until(
    () => fetchStatus(cluster.client, handle),
    ({ samplesDone, samples }) => samples > 0 && samplesDone >= share * samples,
  );
}

/** Samples drawn, those of attempts that died too, over those that the certificates of a run in fixed mode rest on. */
async function drawnOverNeeded(run: string): Promise<number> {
  const plan = await readPlan(openStore(out), run);
  if (plan === undefined) throw new Error(`run ${run} has no plan`);
  return countedSamples(counts) / (plan.claim.dataset.count * samplesPerExample(plan.claim.sampling));
}

describe('a sampler killed in the middle of its shard', () => {
  it('leaves the same bytes in sequential mode, and a run that verifies', async () => {
    const claim = { ...fashionMnist, limit: 24, n0: 20, n: 10_000, seed: 'sequential' };
    const sequential = { ...claim, radii: [0.25, 0.5], skipMisclassified: false, shardSize: 24, out };
    const first = await startSampler();
    const { run, handle } = await cluster.startRun(sequential);
    await untilDrawn(handle, 0.5);
    await first.kill();
    await startSampler();
    const { url } = await runResult(handle);
    await expectWholeRun(sequential, run);
    expect(await runCli(['verify', url, '--replay', '100%'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/24 of 24 examples in .*: all equal/) as string,
    });
  });

  it('leaves the same bytes, and few of its samples are drawn again', async () => {
    const stub = { examples: 12, secondsPerSample: 0.0004 };
    const request = stubRequest({ stub, n: 1_000, shardSize: 12, seed: 'a sampler', out });
    const first = await startSampler();
    const { run, handle } = await cluster.startRun(request);
    await untilDrawn(handle, 0.4);
    await first.kill();
    await startSampler();
    await runResult(handle);
    await expectWholeRun(request, run);
    expect(await drawnOverNeeded(run)).toBeLessThan(1.3);
  });

  it('does not hold its shard up', async () => {
    // After a death the shard's examples are drawn in groups, and what each left is kept before the next: here five
    // times, of which each would take six seconds if it had to wait for a heartbeat.
    const heartbeatThrottleMs = 5_000;
    const stub = { examples: 16, secondsPerSample: 0.0004 };
    const request = stubRequest({ stub, n: 500, shardSize: 16, seed: 'not held up', out });
    const first = await startSampler({ heartbeatThrottleMs });
    const { run, handle } = await cluster.startRun(request);
    await untilDrawn(handle, 0.05);
    await first.kill();
    await startSampler({ heartbeatThrottleMs });
    await until(
      () => shardAttempts(cluster.client, handle),
      (attempts) => attempts.some(({ attempt, started }) => attempt > 1 && started),
    );
    const started = performance.now();
    await runResult(handle);
    expect(performance.now() - started).toBeLessThan(25_000);
    await expectWholeRun(request, run);
  });

  it('takes its model process with it', async () => {
    const request = { ...fashionMnist, limit: 12, n0: 20, n: 100_000, out };
    const sampler = await startSampler();
    const { handle } = await cluster.startRun(request);
    const [model] = await until(
      () => modelProcessesOf(sampler.pid),
      (processes) => processes.length === 1,
    );
    await sampler.kill();
    await until(
      () => isAlive(model),
      (alive) => !alive,
    );
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow();
  });
});

describe('a model process killed in the middle of its shard', () => {
  it('is started again by its sampler, and leaves the same bytes', async () => {
    const request = { ...fashionMnist, limit: 12, n0: 20, n: 3_000, seed: 'a model process', shardSize: 12, out };
    const sampler = await startSampler();
    const { run, handle } = await cluster.startRun(request);
    await untilDrawn(handle, 0.4);
    const [model, ...others] = modelProcessesOf(sampler.pid);
    expect(others).toEqual([]);
    process.kill(model, 'SIGKILL');
    await runResult(handle);
    await expectWholeRun(request, run);
    expect(sampler.ended()).toBe(false);
    const [another] = modelProcessesOf(sampler.pid);
    expect(another).not.toBe(model);
    expect(await drawnOverNeeded(run)).toBeLessThan(1.3);
  });
});

describe('a run of two samplers', () => {
  let request: Request;
  let run: string;
  let handle: RunHandle;

  beforeEach(async () => {
    request = stubRequest({
      stub: { examples: 48, secondsPerSample: 0.0004 },
      ...{ n: 400, shardSize: 6, seed: 'two samplers', out },
    });
    await startSampler();
    await startSampler();
    ({ run, handle } = await cluster.startRun(request));
    await untilDrawn(handle, 0.4);
  });

  it('outlives its control worker', async () => {
    await control.kill();
    control = await cluster.startWorker({ role: 'control' });
    await runResult(handle);
    await expectWholeRun(request, run);
    // The samplers' results are kept by the server until a worker takes them.
    expect(await drawnOverNeeded(run)).toBe(1);
  });

  it('outlives the Temporal server', async () => {
    await cluster.killServer();
    await cluster.restartServer();
    await runResult(handle);
    await expectWholeRun(request, run);
    expect(samplers.map((sampler) => sampler.ended())).toEqual([false, false]);
    expect(control.ended()).toBe(false);
  });

  it('outlives all of its processes at once', async () => {
    await Promise.all([cluster.killServer(), control.kill(), ...samplers.map((sampler) => sampler.kill())]);
    await cluster.restartServer();
    control = await cluster.startWorker({ role: 'control' });
    await startSampler();
    await startSampler();
    await runResult(handle);
    await expectWholeRun(request, run);
    expect(await drawnOverNeeded(run)).toBeLessThan(1.5);
  });
});
