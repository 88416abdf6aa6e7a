import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { readPlan } from '../certification/plan-run.ts';
import type { RunMetrics } from '../certification/publish-run.ts';
import { parseRequest } from '../certification/records/parse-request.ts';
import type { RequestInput } from '../certification/records/request.ts';
import { runFiles, runKeys } from '../certification/records/run-keys.ts';
import { openStore } from '../certification/storage/open-store.ts';
import { connectClient } from '../cli/connect.ts';
import { spawnGuarded, type GuardedProcess } from '../cli/dev/spawn-guarded.ts';
import { startTemporalServer } from '../cli/dev/temporal-server.ts';
import { startRun, workflowIdOf } from '../cli/runs.ts';
import { fashionMnist } from '../test/support/fashion-mnist.ts';
import { shardTimes, type Attempt } from './shard-times.ts';
import { tableLine } from './table-line.ts';

const SAMPLERS = [1, 2];
/** A shard's work is to take at least 30 s; some more, as the rate is measured in a moment. */
const SHARD_SECONDS = 40;
/** Enough that the end, when one sampler has nothing left to do, is a small part, as it is of a run of any length. */
const SHARDS_A_SAMPLER = 6;
const N = 10_000;
const STUB_SHARDS = 500;

const TITLES = [
  'samplers',
  'shards',
  's a shard',
  'wall s',
  'inference s',
  'wall × samplers / inference',
  'load and read s',
  'noise and tally s',
  'between tasks s',
  'idle at the end s',
  'planning s',
  'publishing s',
];
const WIDTHS = TITLES.map((title) => title.length);

/**
 * What a run costs beside the model: the Fashion-MNIST example in fixed mode, on a server, a control worker and samplers
 * of one model process each, in processes of their own.
 *
 * `wall` is from the start of the first shard's first task to the end of the last shard's last, by the server's clock:
 * with the loading of model and test set into each sampler, the noise, the tallies, the writing of rows, what lies
 * between two tasks, and the wait of one sampler for the other at the end. Planning, before it, and publishing, after
 * it, are listed beside it. `inference` is the time inside the model over all processes, as `metrics.json` has it.
 */
export async function benchPipeline(args: readonly string[]): Promise<void> {
  const seconds = Number(args.at(0) ?? SHARD_SECONDS);
  process.stdout.write(`Fashion-MNIST, n ${N}, shards of about ${seconds} s, ${SHARDS_A_SAMPLER} a sampler\n`);
  process.stdout.write(`${tableLine(TITLES, WIDTHS)}\n`);
  const rates: string[] = [];
  for (const samplers of SAMPLERS) {
    await withWorkers(samplers, async (client, out) => {
      process.stdout.write(`${tableLine(await measure({ client, out, samplers, seconds }), WIDTHS)}\n`);
      rates.push(`${samplers} ${samplers === 1 ? 'sampler' : 'samplers'} ${(await stubRate(client, out)).toFixed(1)}`);
    });
  }
  process.stdout.write(`\nshards of a stub a second: ${rates.join(', ')}\n`);
}

async function withWorkers(samplers: number, body: (client: Client, out: string) => Promise<void>) {
  const out = await mkdtemp(join(tmpdir(), 'perimeter-pipeline-'));
  const server = await startTemporalServer();
  const client = await connectClient({ address: server.address });
  const workers: GuardedProcess[] = [];
  try {
    workers.push(await startWorker(server.address, 'control'));
    for (let at = 0; at < samplers; at++) workers.push(await startWorker(server.address, 'sampler'));
    await body(client, out);
  } finally {
    await Promise.all(workers.map((worker) => worker.kill()));
    await client.connection.close();
    await server.stop();
    await rm(out, { recursive: true, force: true });
  }
}

function startWorker(address: string, role: string): Promise<GuardedProcess> {
  const cli = fileURLToPath(new URL('../bin/perimeter.js', import.meta.url));
  const args = ['worker', '--role', role, '--processes', '1', '--address', address, '--log-level', 'WARN'];
  return spawnGuarded(process.execPath, [cli, ...args]);
}

async function measure({
  client,
  out,
  samplers,
  seconds,
}: {
  client: Client;
  out: string;
  samplers: number;
  seconds: number;
}): Promise<string[]> {
  // A small run first, of another claim, whose plan has the rate; and so that every process is up.
  await carryOut(client, out, { ...fashionMnist, n: 200, limit: 8 * samplers, shardSize: 8, run: 'first' });
  const rate = (await readPlan(openStore(out), 'first'))?.execution.samplesPerSecond ?? 0;
  const shardSize = Math.max(1, Math.ceil((seconds * rate) / N));
  const shards = SHARDS_A_SAMPLER * samplers;
  const sizes = { limit: shards * shardSize, shardSize, concurrency: 2 * samplers };
  const { started, ended } = await carryOut(client, out, { ...fashionMnist, ...sizes, n: N, run: 'measured' });
  const attempts = await shardTimes(client, workflowIdOf('measured'));
  const { inferenceSeconds, samplerSeconds } = await metricsOf(out, 'measured');
  const first = Math.min(...attempts.map((attempt) => attempt.started));
  const last = Math.max(...attempts.map((attempt) => attempt.completed));
  const wall = (last - first) / 1_000;
  const { busy, between, idle } = spent(attempts, last);
  return [
    String(samplers),
    String(shards),
    (inferenceSeconds / shards).toFixed(1),
    wall.toFixed(1),
    inferenceSeconds.toFixed(1),
    ((wall * samplers) / inferenceSeconds).toFixed(4),
    (busy - samplerSeconds).toFixed(2),
    (samplerSeconds - inferenceSeconds).toFixed(2),
    between.toFixed(2),
    idle.toFixed(2),
    ((first - started) / 1_000).toFixed(2),
    ((ended - last) / 1_000).toFixed(2),
  ];
}

/** Seconds of all samplers together: in tasks, between two, and after their last while another was at work still. */
function spent(attempts: readonly Attempt[], last: number): { busy: number; between: number; idle: number } {
  const total = { busy: 0, between: 0, idle: 0 };
  for (const worker of new Set(attempts.map((attempt) => attempt.worker))) {
    const own = attempts.filter((attempt) => attempt.worker === worker);
    own.forEach(({ started, completed }, at) => {
      total.busy += (completed - started) / 1_000;
      if (at > 0) total.between += (started - own[at - 1].completed) / 1_000;
    });
    total.idle += (last - own[own.length - 1].completed) / 1_000;
  }
  return total;
}

/** Shards a second of a run of many tiny ones, from the first one's start to the last one's end. */
async function stubRate(client: Client, out: string): Promise<number> {
  const stub = { examples: STUB_SHARDS, classes: 10, pA: { a: 8, b: 1 } };
  await carryOut(client, out, { stub, sigma: 0.5, n0: 10, n: 100, shardSize: 1, run: 'stub' });
  const attempts = await shardTimes(client, workflowIdOf('stub'));
  const first = Math.min(...attempts.map(({ started }) => started));
  const last = Math.max(...attempts.map(({ completed }) => completed));
  return STUB_SHARDS / ((last - first) / 1_000);
}

async function carryOut(client: Client, out: string, input: Partial<RequestInput> & { run: string }) {
  const request = parseRequest({ ...input, out }, 'the request');
  const started = Date.now();
  const handle = await startRun(client, { request, run: input.run });
  await handle.result();
  return { started, ended: Date.now() };
}

async function metricsOf(out: string, run: string): Promise<RunMetrics> {
  const bytes = await openStore(out).get(runKeys.result(run, runFiles.metrics));
  return JSON.parse(new TextDecoder().decode(bytes)) as RunMetrics;
}
