import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchHistories } from '../../bench/fetch-histories.ts';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { connectClient } from '../../cli/connect.ts';
import { fetchDeployment, rollOut, type Deployment } from '../../cli/deployments.ts';
import { spawnGuarded, type GuardedProcess } from '../../cli/dev/spawn-guarded.ts';
import { startTemporalServer, type TemporalServer } from '../../cli/dev/temporal-server.ts';
import { startRun, type RunHandle } from '../../cli/runs.ts';
import { buildId } from '../../workers/build-id.ts';
import { runCli } from '../support/run-cli.ts';
import { resultBytes } from '../support/run-locally.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const cli = fileURLToPath(new URL('../../bin/perimeter.js', import.meta.url));

let server: TemporalServer;
let client: Client;
let out: string;
const workers: GuardedProcess[] = [];

beforeAll(async () => {
  server = await startTemporalServer();
  client = await connectClient({ address: server.address });
  out = temporaryFolder(afterAll);
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.kill()));
  await client.connection.close();
  await server.stop();
});

async function startWorker(version: string | undefined): Promise<GuardedProcess> {
  const args = ['worker', '--processes', '1', '--address', server.address, '--deployment', 'perimeter'];
  const worker = await spawnGuarded(process.execPath, [cli, ...args], {
    env: { ...process.env, TEMPORAL_WORKER_BUILD_ID: version },
  });
  workers.push(worker);
  return worker;
}

/** Sends new runs to a version, once its worker is up. */
async function rollOutTo(version: string): Promise<Deployment> {
  await until(
    () =>
      rollOut(client, { deploymentName: 'perimeter', buildId: version }).catch((error: unknown) => {
        // Its worker, or one of the worker's queues, isn't there yet.
        if (error instanceof PerimeterError && /knows no version|missing active task queues/.test(error.message)) {
          return 'no worker yet';
        }
        throw error;
      }),
    (answer) => answer === undefined,
  );
  return fetchDeployment(client, 'perimeter');
}

/** Shards of one example, each of a fifth of a second, two under way at a time. */
function start(run: string, examples: number): Promise<RunHandle> {
  const stub = { examples, secondsPerSample: 0.001 };
  const request = stubRequest({ stub, shardSize: 1, concurrency: 2, seed: 'versions', out, run });
  return startRun(client, { request, run });
}

/** Waits until some of a run's shards are done, and others under way. */
async function shardsUnderWay(run: string) {
  const range = client.workflow.getHandle(`certify/${run}/range-0`);
  await until(
    () => range.describe().catch(() => undefined),
    (description) => (description?.historyLength ?? 0) > 20,
  );
  return range;
}

/** Every history of a run: its own, and its ranges', those that were continued as new too. */
async function historiesOf(run: string): Promise<temporal.api.history.v1.IHistoryEvent[][]> {
  const histories = [];
  for await (const { history } of fetchHistories(client, `WorkflowId STARTS_WITH "certify/${run}"`)) {
    histories.push(history.events ?? []);
  }
  return histories;
}

/** The build ids of the workers that had a run's workflow tasks, and the processes that had its activities. */
async function workersOf(run: string) {
  const events = (await historiesOf(run)).flat();
  const versions = events.flatMap(({ workflowTaskCompletedEventAttributes: completed }) =>
    completed ? [completed.deploymentVersion?.buildId] : [],
  );
  const started = events.flatMap(({ activityTaskStartedEventAttributes }) => activityTaskStartedEventAttributes ?? []);
  const pids = started.map(({ identity }) => Number(identity?.split('@')[0]));
  return { versions: new Set(versions), pids: new Set(pids), activities: started.length };
}

/** Seconds on a quiet machine: six processes start, and a sampler's queue is left for dead once. */
const PATIENCE_MS = 300_000;

describe('workers of two versions, side by side', { timeout: PATIENCE_MS }, () => {
  it('leave a run to the version that it was started on, and take new runs to the current one', async () => {
    const [old, next] = [await startWorker('test-1'), await startWorker('test-2')];
    await rollOutTo('test-1');
    const first = await start('first', 50);
    await shardsUnderWay('first');
    const { current, versions } = await rollOutTo('test-2');
    expect(current).toBe('test-2');
    expect(versions.find((version) => version.buildId === 'test-1')).toMatchObject({ state: 'draining', runs: 1 });
    const second = await start('second', 50);
    expect((await first.describe()).status.name).toBe('RUNNING');
    const [{ url: firstUrl }, { url: secondUrl }] = await Promise.all([first.result(), second.result()]);

    expect((await historiesOf('first')).length).toBe(2);
    expect(await workersOf('first')).toEqual({
      versions: new Set(['test-1']),
      pids: new Set([old.pid]),
      activities: 3 + 2 * 50,
    });
    expect(await workersOf('second')).toMatchObject({ versions: new Set(['test-2']), pids: new Set([next.pid]) });
    expect(resultBytes(fileURLToPath(firstUrl))).toEqual(resultBytes(fileURLToPath(secondUrl)));
    const shown = await runCli(['deployment', 'show', '--address', server.address]);
    expect(shown.stdout).toMatch(/^deployment {2}perimeter\nnew runs {4}test-2\nversion {5}test-/);
    expect(shown.stdout).toContain('version     test-2  current   0 runs under way');
  });

  it('leave a run waiting while none of its version is up, and let it end when one is back', async () => {
    const old = await startWorker('test-3');
    await startWorker('test-4');
    await rollOutTo('test-3');
    const handle = await start('waiting', 20);
    const range = await shardsUnderWay('waiting');
    await old.stop();
    await rollOutTo('test-4');
    const before = (await range.describe()).historyLength;
    await start('after', 2).then((after) => after.result());
    expect((await range.describe()).historyLength).toBe(before);
    await startWorker('test-3');
    expect((await handle.result()).failed).toBe(0);
  });
});

describe('a version', () => {
  it('is named by the code where the environment names none', async () => {
    await startWorker(undefined);
    const { stdout } = await until(
      () => runCli(['deployment', 'rollout', '--json', '--address', server.address]),
      ({ code }) => code === 0,
    );
    const { current } = JSON.parse(stdout) as Deployment;
    expect(current).toBe(buildId({}));
    expect(current).toMatch(/^\d+\.\d+\.\d+-[0-9a-f]{12}$/);
  });

  it('that no worker has is refused', async () => {
    const refused = await runCli(['deployment', 'rollout', 'nobody', '--address', server.address]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/^perimeter: .*nobody.*\n$/) as string });
    const unknown = await runCli(['deployment', 'show', '--deployment', 'other', '--address', server.address]);
    expect(unknown.stderr).toBe(
      'perimeter: Temporal knows no deployment other: start its workers first ("perimeter worker --deployment other").\n',
    );
    expect(unknown.code).toBe(2);
  });

  it('that Temporal could not name is refused', async () => {
    const worker = await runCli(['worker', '--deployment', 'a.b', '--log-format', 'text', '--address', server.address]);
    expect(worker).toMatchObject({ code: 2, stderr: expect.stringContaining('is "a.b", but must be') as string });
    const rollout = await runCli(['deployment', 'rollout', 'a:b', '--address', server.address]);
    expect(rollout).toMatchObject({ code: 2, stderr: expect.stringContaining('is "a:b", but must be') as string });
  });
});
