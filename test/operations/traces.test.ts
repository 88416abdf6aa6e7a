import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Client } from '@temporalio/client';
import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectClient } from '../../cli/connect.ts';
import { freePort } from '../../cli/dev/free-port.ts';
import { startTemporalServer, type TemporalServer } from '../../cli/dev/temporal-server.ts';
import { bundleWorkflows, workflowsPath } from '../../workers/workflow-code.ts';
import { startOtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startWorkerCli, type WorkerCli } from '../support/worker-cli.ts';

const execute = promisify(execFile);

let server: TemporalServer;
let client: Client;
let receiver: Awaited<ReturnType<typeof startOtlpReceiver>>;
let workers: WorkerCli[];
let request: string;

beforeAll(async () => {
  [server, receiver] = await Promise.all([startTemporalServer(), startOtlpReceiver()]);
  client = await connectClient({ address: server.address });
  workers = await Promise.all(
    (['control', 'sampler'] as const).map((role) =>
      startWorkerCli({ address: server.address, role, env: tracingEnvironment(receiver.endpoint) }, afterAll),
    ),
  );
  await Promise.all(workers.map((worker) => worker.untilReady()));
  const folder = temporaryFolder(afterAll);
  request = join(folder, 'request.yaml');
  const stub = { examples: 60, classes: 10, pA: { a: 8, b: 1 } };
  // JSON is YAML.
  writeFileSync(request, JSON.stringify({ stub, sigma: 0.5, n0: 10, n: 200, shardSize: 20, out: folder }));
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.kill()));
  await client.connection.close();
  await server.stop();
  await receiver.close();
});

function tracingEnvironment(endpoint: string): NodeJS.ProcessEnv {
  return { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
}

function certify(run: string, env?: NodeJS.ProcessEnv, ...flags: string[]) {
  const args = ['certify', request, '--run', run, '--address', server.address, '--json', ...flags];
  return runCli(args, { ...(env && { env }) });
}

/** A span's name and those of the spans around it, up to the trace's root. */
function path(spans: readonly ReceivedSpan[], span: ReceivedSpan): string[] {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  if (parent === undefined) return span.parentSpanId === '' ? [span.name] : [span.name, 'a span that was not sent'];
  return [span.name, ...path(spans, parent)];
}

describe('a run', () => {
  it('is one trace, from the command to every attempt at a shard', async () => {
    expect(await certify('traced', tracingEnvironment(receiver.endpoint))).toMatchObject({ code: 0 });
    // Without a trace to be part of, nothing of a run is sent by workers that send.
    expect(await certify('untraced')).toMatchObject({ code: 0 });
    // What is left is sent at the end.
    await Promise.all(workers.map((worker) => worker.stop()));

    const { spans } = receiver;
    const ofRun = ({ attributes }: ReceivedSpan) =>
      (attributes.temporalWorkflowId as string | undefined)?.startsWith('certify/traced');
    const root = spans.filter(({ name }) => name === 'certify');
    expect(root).toHaveLength(1);
    expect(root[0].attributes).toEqual({ 'perimeter.run': 'traced' });
    expect(new Set(spans.filter(ofRun).map(({ traceId }) => traceId))).toEqual(new Set([root[0].traceId]));
    const toDataset = ['RunWorkflow:certifyDataset', 'StartWorkflow:certifyDataset', 'certify'];
    const toRange = ['RunWorkflow:certifyRange', ...toDataset];
    const paths = spans.filter(({ traceId }) => traceId === root[0].traceId).map((span) => path(spans, span));
    expect(paths.sort()).toEqual(
      [
        ['certify'],
        ['StartWorkflow:certifyDataset', 'certify'],
        toDataset,
        toRange,
        ['RunActivity:draftClaim', ...toDataset],
        ['RunActivity:planRun', ...toDataset],
        ['RunActivity:publishRun', ...toDataset],
        ...Array.from({ length: 3 }, () => ['RunActivity:selectShard', ...toRange]),
        ...Array.from({ length: 3 }, () => ['RunActivity:estimateShard', ...toRange]),
      ].sort(),
    );
    expect(spans.filter(ofRun).every(({ service, failed }) => service === 'perimeter' && !failed)).toBe(true);
    const dataset = spans.find((span) => ofRun(span) && span.name === 'RunWorkflow:certifyDataset');
    expect(dataset?.seconds).toBeGreaterThan(0);
    expect(dataset?.seconds).toBeLessThanOrEqual(root[0].seconds);

    const lines = workers[1].logged().filter(({ run, shard }) => run === 'traced' && shard !== undefined);
    expect(new Set(lines.map(({ trace_id: traceId }) => traceId))).toEqual(new Set([root[0].traceId]));
  });

  it('has a history that is replayed alike with and without the workflow side of tracing', async () => {
    const bundles = await Promise.all([bundleWorkflowCode({ workflowsPath }), bundleWorkflows()]);
    for (const workflowId of [
      'certify/traced',
      'certify/traced/range-0',
      'certify/untraced',
      'certify/untraced/range-0',
    ]) {
      const history = await client.workflow.getHandle(workflowId).fetchHistory();
      const carried = JSON.stringify(history).includes('_tracer-data');
      expect(carried, workflowId).toBe(workflowId.includes('/traced'));
      for (const workflowBundle of bundles) await Worker.runReplayHistory({ workflowBundle }, history, workflowId);
    }
  });

  it('is not held up by a collector that is away', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}`;
    const started = performance.now();
    const { code, stderr } = await certify('lost', tracingEnvironment(nobody), '--detach');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^perimeter: traces could not be sent: .+\n$/);
    expect(performance.now() - started).toBeLessThan(30_000);
  });
});

describe('without an endpoint', () => {
  it('loads nothing of OpenTelemetry', async () => {
    const script = `
      import { createRequire } from 'node:module';
      const { clientTracing, workerTracing, inSpan } = await import('./workers/tracing.ts');
      await import('./workers/run-workers.ts');
      await clientTracing();
      await workerTracing(() => undefined);
      const answer = await inSpan('certify', {}, async () => 'done');
      const { cache } = createRequire(import.meta.url);
      const loaded = Object.keys(cache).filter((file) => file.includes('opentelemetry'));
      console.log(JSON.stringify({ answer, loaded, temporal: Object.keys(cache).some((file) => file.includes('@temporalio')) }));
    `;
    const load = async (env: NodeJS.ProcessEnv) => {
      const { stdout } = await execute(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
        cwd: fileURLToPath(new URL('../..', import.meta.url)),
        env: { ...process.env, ...env },
      });
      return JSON.parse(stdout) as { answer: string; loaded: string[]; temporal: boolean };
    };
    expect(await load({})).toEqual({ answer: 'done', loaded: [], temporal: true });
    expect((await load(tracingEnvironment('http://127.0.0.1:9'))).loaded.length).toBeGreaterThan(10);
  });
});
