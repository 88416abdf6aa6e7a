import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { RunMetrics } from '../certification/publish-run.ts';
import { parseRequest } from '../certification/records/parse-request.ts';
import { runFiles, runKeys } from '../certification/records/run-keys.ts';
import { openStore } from '../certification/storage/open-store.ts';
import { connectClient } from '../cli/connect.ts';
import { spawnGuarded, type GuardedProcess } from '../cli/dev/spawn-guarded.ts';
import { startTemporalServer } from '../cli/dev/temporal-server.ts';
import { fetchStatus, startRun, type RunHandle } from '../cli/runs.ts';
import { progressQuery } from '../workflows/messages.ts';
import type { HeapUsage } from './heap-usage.ts';
import { historySizes, type HistorySizes } from './history-sizes.ts';

const SIZES = [1_000, 5_000, 20_000, 50_000];
const SHARD_SIZE = 16;
/** Shards after which the control worker's memory is measured first. */
const EARLY = 300;
const POLL_MS = 500;
const RUN = 'scale';

/**
 * Runs of a stub at several sizes, each on a dev server and workers of its own: wall time, histories, payloads, and the
 * memory of the control worker, as a Markdown table.
 */
export async function benchScale(): Promise<void> {
  const sizes = process.argv.slice(3).map(Number);
  const samplers = availableParallelism();
  process.stdout.write(`Shards of ${SHARD_SIZE} examples, ${samplers} samplers on ${samplers} cores\n\n`);
  process.stdout.write(`| ${HEADINGS.join(' | ')} |\n| ${HEADINGS.map(() => '--:').join(' | ')} |\n`);
  for (const examples of sizes.length > 0 ? sizes : SIZES) {
    process.stdout.write(`| ${cells(await measure(examples, samplers)).join(' | ')} |\n`);
  }
}

interface Measured {
  readonly examples: number;
  readonly shards: number;
  /** From the start to the result. */
  readonly seconds: number;
  /** Of that, until the last shard was done. */
  readonly sampling: number;
  readonly histories: HistorySizes;
  /** Bytes of the largest answer to the progress query. */
  readonly mostProgress: number;
  readonly early: HeapUsage | undefined;
  readonly end: HeapUsage;
}

const HEADINGS = [
  'examples',
  'shards',
  'wall s',
  'of it publishing',
  'shards/s',
  'workflows',
  'most events',
  'most history KB',
  'largest payload KB',
  'progress answer KB',
  `heap MB after ${EARLY} shards`,
  'at the end',
  'most RSS MB',
];

function cells({ examples, shards, seconds, sampling, histories, mostProgress, early, end }: Measured): string[] {
  const kb = (bytes: number) => (bytes / 1_024).toFixed(1);
  const heap = (usage: HeapUsage | undefined) =>
    usage === undefined ? '–' : ((usage.main + usage.threads) / 2 ** 20).toFixed(1);
  return [
    examples.toLocaleString('en'),
    shards.toLocaleString('en'),
    seconds.toFixed(1),
    (seconds - sampling).toFixed(1),
    (shards / seconds).toFixed(1),
    String(histories.executions),
    histories.mostEvents.toLocaleString('en'),
    kb(histories.mostBytes),
    kb(histories.mostPayload),
    kb(mostProgress),
    heap(early),
    heap(end),
    (end.mostRss / 2 ** 20).toFixed(0),
  ];
}

async function measure(examples: number, samplers: number): Promise<Measured> {
  const out = await mkdtemp(join(tmpdir(), 'perimeter-scale-'));
  const server = await startTemporalServer();
  const client = await connectClient({ address: server.address });
  const control = startControl(server.address);
  const workers: GuardedProcess[] = [];
  try {
    for (let at = 0; at < samplers; at++) workers.push(await startSampler(server.address));
    return await follow({ client, control, examples, out });
  } finally {
    control.kill('SIGKILL');
    await Promise.all(workers.map((worker) => worker.kill()));
    await client.connection.close();
    await server.stop();
    await rm(out, { recursive: true, force: true });
  }
}

async function follow({
  client,
  control,
  examples,
  out,
}: {
  client: Client;
  control: ChildProcess;
  examples: number;
  out: string;
}): Promise<Measured> {
  // The workers' start is no part of the run.
  await startRunOf(client, { examples: SHARD_SIZE, out, run: 'first' }).then((handle) => handle.result());
  const started = performance.now();
  const handle = await startRunOf(client, { examples, out, run: RUN });
  const result = handle.result();
  let early: HeapUsage | undefined;
  let mostProgress = 0;
  while ((await Promise.race([result, sleep(POLL_MS, undefined)])) === undefined) {
    const progress = await handle.query(progressQuery);
    mostProgress = Math.max(mostProgress, JSON.stringify(progress).length);
    const { shardsFinished } = await fetchStatus(client, handle);
    if (early === undefined && shardsFinished >= EARLY) early = await usageOf(control);
  }
  const seconds = (performance.now() - started) / 1_000;
  return {
    examples,
    shards: Math.ceil(examples / SHARD_SIZE),
    seconds,
    sampling: await samplingSeconds(out),
    histories: await historySizes(client),
    mostProgress,
    early,
    end: await usageOf(control),
  };
}

/** The run's own record of it. */
async function samplingSeconds(out: string): Promise<number> {
  const metrics = await openStore(out).get(runKeys.result(RUN, runFiles.metrics));
  const { startedAt, finishedAt } = JSON.parse(new TextDecoder().decode(metrics)) as RunMetrics;
  return (Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000;
}

function startRunOf(
  client: Client,
  { examples, out, run }: { examples: number; out: string; run: string },
): Promise<RunHandle> {
  const stub = { examples, classes: 10, pA: { a: 8, b: 1 } };
  const request = parseRequest({ stub, sigma: 0.5, n0: 10, n: 200, shardSize: SHARD_SIZE, out, run }, 'the request');
  return startRun(client, { request, run });
}

function startControl(address: string): ChildProcess {
  const main = fileURLToPath(new URL('./control-worker-main.ts', import.meta.url));
  return fork(main, [address], { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

function startSampler(address: string): Promise<GuardedProcess> {
  const cli = fileURLToPath(new URL('../bin/perimeter.js', import.meta.url));
  const args = ['worker', '--role', 'sampler', '--processes', '1', '--address', address, '--log-level', 'WARN'];
  return spawnGuarded(process.execPath, [cli, ...args]);
}

async function usageOf(control: ChildProcess): Promise<HeapUsage> {
  const answer = once(control, 'message') as Promise<[HeapUsage]>;
  control.send('usage');
  return (await answer)[0];
}
