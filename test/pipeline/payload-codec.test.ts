import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newRunId } from '../../certification/records/new-run-id.ts';
import { parseRequest } from '../../certification/records/parse-request.ts';
import type { RequestInput } from '../../certification/records/request.ts';
import { spawnGuarded, type GuardedProcess } from '../../cli/dev/spawn-guarded.ts';
import { startTemporalServer, type TemporalServer } from '../../cli/dev/temporal-server.ts';
import { fetchStatus, startRun } from '../../cli/runs.ts';
import { dataConverter } from '../../workers/data-converter.ts';
import { readableText } from '../support/readable-text.ts';
import { fashionMnist } from '../support/fashion-mnist.ts';
import { runCli } from '../support/run-cli.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const cli = fileURLToPath(new URL('../../bin/perimeter.js', import.meta.url));
const small = { ...fashionMnist, limit: 6, n0: 20, n: 300, shardSize: 3 };
const encrypted = 'binary/encrypted';

let server: TemporalServer;
let connection: Connection;
let out: string;
/** Files of two keys. */
let first: string;
let second: string;
const workers: GuardedProcess[] = [];

beforeAll(async () => {
  server = await startTemporalServer();
  connection = await Connection.connect({ address: server.address });
  out = temporaryFolder(afterAll);
  [first, second] = ['first', 'second'].map((name) => join(out, `${name}.key`));
  for (const file of [first, second]) writeFileSync(file, `${randomBytes(32).toString('base64')}\n`);
  await startWorker('control', `${second},${first}`);
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.kill()));
  await connection.close();
  await server.stop();
});

async function startWorker(role: string, keys: string | undefined): Promise<GuardedProcess> {
  const args = ['worker', '--role', role, '--processes', '1', '--address', server.address];
  const env = { ...process.env, PERIMETER_PAYLOAD_KEYS: keys };
  const worker = await spawnGuarded(process.execPath, [cli, ...args], { env });
  workers.push(worker);
  return worker;
}

function clientWith(keys: string | undefined): Client {
  return new Client({ connection, dataConverter: dataConverter({ PERIMETER_PAYLOAD_KEYS: keys }) });
}

function start(keys: string, input: RequestInput) {
  const run = newRunId(new Date());
  return startRun(clientWith(keys), { request: parseRequest({ ...input, out }, 'the request'), run });
}

function perimeter(keys: string | undefined, ...args: readonly string[]) {
  return runCli([...args, '--address', server.address], { env: { PERIMETER_PAYLOAD_KEYS: keys } });
}

const runOf = ({ workflowId }: { workflowId: string }) => workflowId.slice('certify/'.length);

/** All that Temporal keeps of a run and of its range where there is one. */
async function keptOf(workflowId: string): Promise<string> {
  const client = clientWith(`${second}:${first}`);
  const kept = [];
  for await (const { runId, ...execution } of client.workflow.list({
    query: `WorkflowId STARTS_WITH "${workflowId}"`,
  })) {
    const handle = client.workflow.getHandle(execution.workflowId, runId);
    const request = { namespace: 'default', execution: { workflowId: execution.workflowId, runId } };
    kept.push(await handle.fetchHistory(), await connection.workflowService.describeWorkflowExecution(request));
  }
  return readableText(kept);
}

/** A busy machine takes long to start a dozen processes. */
const PATIENCE_MS = 300_000;

describe('a run whose payloads are encrypted', { timeout: PATIENCE_MS }, () => {
  let sampler: GuardedProcess;

  beforeAll(async () => {
    sampler = await startWorker('sampler', `${second},${first}`);
  });

  afterAll(() => sampler.kill());

  it('completes, and leaves nothing of its request in clear with Temporal', async () => {
    const run = newRunId(new Date());
    const request = ['--model', small.model, '--dataset', small.dataset, '--labels', small.labels, '--sigma', '0.25'];
    const sizes = ['--limit', '6', '--n', '300', '--shard-size', '3', '--seed', 'a-secret-seed'];
    const certified = await perimeter(second, 'certify', ...request, ...sizes, '--out', out, '--run', run);
    expect(certified).toMatchObject({ code: 0 });
    expect((await perimeter(second, 'status', run)).stdout).toMatch(/state {5}finished\nexamples {2}6 of 6/);
    const kept = await keptOf(`certify/${run}`);
    expect(kept).toContain(encrypted);
    for (const secret of [
      'fashion-mnist',
      'images.idx',
      out,
      'sigma',
      'a-secret-seed',
      'samplesPerExample',
      'requestDigest',
    ])
      expect(kept).not.toContain(secret);
  });

  it('tells what it fails with to who has the key alone', async () => {
    const handle = await start(second, { ...small, dataset: '/nowhere/secret.idx' });
    await until(
      () => handle.describe(),
      ({ status }) => status.name === 'FAILED',
    );
    const kept = await keptOf(handle.workflowId);
    expect(kept).not.toContain('/nowhere/secret.idx');
    expect(kept).toContain('Encoded failure');
    const { stdout } = await perimeter(second, 'status', runOf(handle));
    expect(stdout).toMatch(/failed {4}.*\/nowhere\/secret\.idx/);
  });

  it('shows by its heartbeats how far a shard has come', async () => {
    const stub = { examples: 4, secondsPerSample: 0.01 };
    const handle = await start(second, stubRequest({ stub, shardSize: 4 }));
    const client = clientWith(second);
    const { shardsFinished } = await until(
      () => fetchStatus(client, handle),
      ({ samplesDone }) => samplesDone > 0,
    );
    expect(shardsFinished).toBe(0);
    const range = client.workflow.getHandle(`${handle.workflowId}/range-0`);
    const [pending] = (await range.describe()).raw.pendingActivities ?? [];
    const [details] = pending.heartbeatDetails?.payloads ?? [];
    expect(Buffer.from(details.metadata?.encoding ?? []).toString()).toBe(encrypted);
    await handle.result();
  });

  it('is read by who has its key among others, when another encrypts by now', async () => {
    const handle = await start(first, small);
    await clientWith(`${second}:${first}`).workflow.getHandle(handle.workflowId).result();
    expect(await keptOf(handle.workflowId)).not.toContain('images.idx');
    const { stdout } = await perimeter(`${second}:${first}`, 'status', runOf(handle));
    expect(stdout).toMatch(/state {5}finished/);
    const wrong = await perimeter(second, 'status', runOf(handle));
    expect(wrong.stderr).toMatch(
      /^perimeter: Payloads are encrypted with key [0-9a-f]{12}, but PERIMETER_PAYLOAD_KEYS names only [0-9a-f]{12} here: add that key's file\.\n$/,
    );
    expect(wrong.code).toBe(2);
    const none = await perimeter(undefined, 'status', runOf(handle));
    expect(none.stderr).toMatch(
      /with key [0-9a-f]{12}, but PERIMETER_PAYLOAD_KEYS is not set here: add that key's file\.\n$/,
    );
  });

  it('that was started before there were keys goes on', async () => {
    const stub = { examples: 40, secondsPerSample: 0.001 };
    const request = stubRequest({ stub, shardSize: 4, out });
    const handle = await startRun(clientWith(undefined), { request, run: newRunId(new Date()) });
    expect((await perimeter(second, 'status', runOf(handle))).code).toBe(0);
    // What the workers write of it is encrypted.
    await expect(handle.result()).rejects.toThrow(/PERIMETER_PAYLOAD_KEYS is not set here/);
    const ended = clientWith(second).workflow.getHandle(handle.workflowId);
    expect(await ended.result()).toMatchObject({ examples: 40, failed: 0 });
  });
});

describe('a worker without the key', { timeout: PATIENCE_MS }, () => {
  it('says so in the status of the run, which another worker completes', async () => {
    const without = await startWorker('sampler', undefined);
    const handle = await start(second, small);
    const { stdout } = await until(
      () => perimeter(second, 'status', runOf(handle)),
      (result) => result.stdout.includes('retrying'),
    );
    expect(stdout).toMatch(/retrying .*encrypted with key [0-9a-f]{12}, but PERIMETER_PAYLOAD_KEYS is not set here/);
    await without.kill();
    const sampler = await startWorker('sampler', second);
    expect((await handle.result()).failed).toBe(0);
    await sampler.kill();
  });
});
