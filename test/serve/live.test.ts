import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../cli/dev/free-port.ts';
import { pauseUpdate, resumeUpdate } from '../../workflows/messages.ts';
import { startCluster, type Cluster } from '../support/cluster.ts';
import { runLocally } from '../support/run-locally.ts';
import { startServe, type ServeCli } from '../support/serve-cli.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

interface Status {
  readonly state: string;
  readonly examples: number | null;
  readonly liveUnavailable?: string;
  readonly progress: {
    readonly state: string;
    readonly examplesFinished: number;
    readonly examples: number;
    readonly samplesDone: number;
    readonly samplesPerSecond: number | null;
    readonly secondsLeft: number | null;
  } | null;
}

describe('beside Temporal', () => {
  let cluster: Cluster;
  let out: string;
  let server: ServeCli;
  const slow = (more: object) =>
    stubRequest({ stub: { examples: 32, secondsPerSample: 0.001 }, shardSize: 4, concurrency: 2, out, ...more });
  const status = async (run: string) => (await server.json(`/api/runs/${run}`)) as Status;

  beforeAll(async () => {
    cluster = await startCluster();
    out = join(temporaryFolder(afterAll), 'out');
    await cluster.startWorker({ role: 'control' });
    await cluster.startWorker({ role: 'sampler' });
    server = await startServe({ out, address: cluster.address }, afterAll);
  });

  it('shows a run from its start to its results, and pauses with it', async () => {
    await runLocally(stubRequest({ out, run: 'zz-before' }));
    const { handle } = await cluster.startRun(slow({ run: 'moving', stub: { examples: 64, secondsPerSample: 0.001 } }));
    const first = await until(
      () => status('moving'),
      ({ progress }) => (progress?.samplesDone ?? 0) > 0,
    );
    expect(first).toMatchObject({ state: 'under way', progress: { state: 'running', examples: 64 } });
    const later = await until(
      () => status('moving'),
      ({ progress }) =>
        (progress?.samplesDone ?? 0) > (first.progress?.samplesDone ?? 0) && (progress?.samplesPerSecond ?? 0) > 0,
    );
    expect(later.progress?.secondsLeft).toBeGreaterThan(0);
    // Under way, it stands before what has a higher id.
    const list = (await server.json('/api/runs')) as { runs: { run: string; state: string }[] };
    expect(list.runs.map(({ run, state }) => [run, state])).toEqual([
      ['moving', 'under way'],
      ['zz-before', 'finished'],
    ]);
    const page = await server.text('/runs/moving');
    expect(page).toMatch(/<div data-progress="\/runs\/moving\/progress">/);
    expect(page).toContain('aria-live="polite"');
    const part = await server.text('/runs/moving/progress');
    expect(part).toMatch(/^<div data-sentence="running, \d+ % of the samples drawn\."/);
    expect(part).toMatch(/<progress max="1" value="0\.\d+"/);

    await handle.executeUpdate(pauseUpdate);
    await until(
      () => status('moving'),
      ({ progress }) => progress?.state === 'paused',
    );
    expect(await server.text('/runs/moving/progress')).toContain('data-sentence="paused, ');
    await handle.executeUpdate(resumeUpdate);

    await handle.result();
    // Visibility, which tells what is under way, follows a moment later.
    const over = await until(
      () => status('moving'),
      ({ state }) => state === 'finished',
    );
    expect(over.progress).toBeNull();
    const finished = await server.text('/runs/moving');
    expect(finished).toContain('<h2>Results</h2>');
    expect(finished).not.toContain('data-progress');
    expect(await server.text('/runs/moving/progress')).toContain('data-over');
  });

  it('says of a run that was cancelled that it was', async () => {
    const { run, handle } = await cluster.startRun(slow({ run: 'cancelled' }));
    await until(
      () => status(run),
      ({ progress }) => progress?.state === 'running',
    );
    await handle.cancel();
    await handle.result().catch(() => undefined);
    await until(
      () => status(run),
      ({ progress }) => progress?.state === 'cancelled',
    );
    expect(await server.text(`/runs/${run}`)).toContain('data-sentence="The run is over: cancelled."');
  });

  it('shows the runs of its own store alone', async () => {
    const elsewhere = temporaryFolder();
    const { run, handle } = await cluster.startRun(slow({ run: 'elsewhere', out: elsewhere }));
    const other = await startServe({ out: elsewhere, address: cluster.address }, onTestFinished);
    await until(
      () => other.json('/api/runs'),
      (list) => JSON.stringify(list).includes('"elsewhere"'),
    );
    expect(JSON.stringify(await server.json('/api/runs'))).not.toContain('"elsewhere"');
    expect((await server.get(`/runs/${run}`)).status).toBe(404);
    expect((await server.get(`/runs/${run}/progress`)).status).toBe(404);
    await handle.cancel();
    await handle.result().catch(() => undefined);
  });
});

it('works without a Temporal server, says so, and ends at once', async () => {
  const out = temporaryFolder();
  await runLocally(stubRequest({ out, run: 'r1' }));
  const address = `127.0.0.1:${await freePort()}`;
  const server = await startServe({ out, address }, onTestFinished);
  const asked = performance.now();
  const page = await server.text('/');
  expect(performance.now() - asked).toBeLessThan(5_000);
  expect(page).toContain(`Temporal can&#39;t be reached at ${address}`);
  expect(page).toContain('r1');
  expect(await server.text('/runs/r1')).toContain('<h2>Results</h2>');
  process.kill(server.pid, 'SIGINT');
  const told = performance.now();
  await until(server.ended, Boolean);
  expect(performance.now() - told).toBeLessThan(2_000);
});
