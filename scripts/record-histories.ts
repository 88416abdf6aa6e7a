/**
 * `npm run histories [NAME…]`: carries out small runs on a real server and workers, and keeps their workflows' histories
 * under test/workflows/histories, which tests replay: running workflows must be able to go on under changed code.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { z } from 'zod';
import { requirePlan } from '../certification/plan-run.ts';
import { fetchHistories } from '../bench/fetch-histories.ts';
import { parseRequest } from '../certification/records/parse-request.ts';
import { gatesSchema } from '../certification/records/audit.ts';
import type { Request, RequestInput } from '../certification/records/request.ts';
import { openStore } from '../certification/storage/open-store.ts';
import { connectClient } from '../cli/connect.ts';
import { spawnGuarded, type GuardedProcess } from '../cli/dev/spawn-guarded.ts';
import { startTemporalServer } from '../cli/dev/temporal-server.ts';
import { fetchStatus, startRetry, startRun, type RunHandle, type RunStatus } from '../cli/runs.ts';
import { controlQueue, samplerQueue } from '../workers/queues.ts';
import type { AuditModelInput } from '../workflows/types.ts';
import { pauseUpdate, resumeUpdate, setConcurrencyUpdate } from '../workflows/messages.ts';
import type { WorkerSettings } from '../test/support/cluster.ts';
import { scrubHistory } from './scrub-history.ts';

/** In every recording the same, whoever makes it. */
const OUT = '/tmp/perimeter-histories';
/** An example that kills its samplers. */
const POISON = 4;
/** Three shards of eight examples, as fast as they go. */
const QUICK = {
  stub: { examples: 24, classes: 10, pA: { a: 8, b: 1 } },
  sigma: 0.5,
  n0: 10,
  n: 200,
  shardSize: 8,
  seed: 'histories',
};
/** Ten shards of half a second. */
const SLOW = {
  ...QUICK,
  stub: { examples: 10, classes: 10, pA: { a: 8, b: 1 }, secondsPerSample: 0.002_5 },
  shardSize: 1,
  concurrency: 2,
};

/** What is recorded: a run each, of the same name, and what befalls it. */
const scenarios: Record<string, Scenario> = {
  finished: { request: QUICK },
  'finished-before': {
    request: QUICK,
    act: async ({ handle, again }) => {
      await handle.result();
      await again();
    },
  },
  'failed-shards': { request: { ...QUICK, maxFailedShare: 0.9 }, faults: { unreadable: 20 } },
  'failed-example': {
    request: { ...QUICK, maxFailedShare: 0.9 },
    faults: { poison: POISON },
    act: async ({ handle, samplers, startSampler }) => {
      const result = handle.result().then(() => 'over' as const);
      while ((await Promise.race([result, sleep(POLL_MS)])) !== 'over') {
        if (samplers.at(-1)?.ended()) await startSampler({ poison: POISON });
      }
    },
  },
  retried: {
    request: { ...QUICK, maxFailedShare: 0.9 },
    faults: { unreadable: 20 },
    act: async ({ handle, samplers, startSampler, retry }) => {
      await handle.result();
      await samplers[0].kill();
      await startSampler();
      await retry();
    },
  },
  'too-many-failures': { request: QUICK, faults: { unreadable: 20 } },
  'no-such-model': { request: { model: '/nowhere/m.onnx', dataset: '/nowhere/d.npz', sigma: 0.5, seed: 'histories' } },
  paused: {
    request: SLOW,
    act: async ({ handle, until }) => {
      await until(({ shardsFinished }) => shardsFinished >= 2);
      await handle.executeUpdate(pauseUpdate);
      await until(({ state }) => state === 'paused');
      await handle.executeUpdate(resumeUpdate);
      await until(({ shardsFinished }) => shardsFinished >= 5);
      await handle.executeUpdate(setConcurrencyUpdate, { args: [4] });
    },
  },
  cancelled: {
    request: SLOW,
    act: async ({ handle, until }) => {
      await until(({ shardsFinished }) => shardsFinished >= 2);
      await handle.cancel();
    },
  },
  'killed-sampler': {
    request: { ...SLOW, shardSize: 5 },
    act: async ({ samplers, until, startSampler }) => {
      await until(({ samplesDone }) => samplesDone > 0);
      await samplers[0].kill();
      await startSampler();
    },
  },
  audited: {
    request: QUICK,
    gates: { certifiedAccuracy: [{ radius: 0.25, atLeast: 0.01 }] },
    act: async ({ handle, again }) => {
      await handle.result();
      await again();
    },
  },
  'audit-failed': { request: QUICK, gates: { certifiedAccuracy: [{ radius: 0.25, atLeast: 0.999 }] } },
  'audit-of-nothing': { request: { model: '/nowhere/m.onnx', dataset: '/nowhere/d.npz', sigma: 0.5 }, gates: {} },
  'continued-as-new': { request: { ...SLOW, stub: QUICK.stub, shardSize: 2 }, cutAt: 40 },
};

type Faults = Pick<WorkerSettings, 'poison' | 'unreadable'>;

interface Scenario {
  readonly request: Partial<RequestInput>;
  /** Of an audit, which is started in the place of a run. */
  readonly gates?: z.input<typeof gatesSchema>;
  /** Of the first sampler. */
  readonly faults?: Faults;
  /** Events after which the server would have a history cut. */
  readonly cutAt?: number;
  /** What is done to the run while it is under way. */
  readonly act?: (stage: Stage) => Promise<void>;
}

interface Stage {
  readonly handle: RunHandle;
  readonly samplers: readonly GuardedProcess[];
  readonly startSampler: (faults?: Faults) => Promise<void>;
  /** Waits for the run's status to be so. */
  readonly until: (holds: (status: RunStatus) => boolean) => Promise<void>;
  /** Starts the same run again. */
  readonly again: () => Promise<RunHandle>;
  /** Tries its failed examples again, to the end. */
  readonly retry: () => Promise<void>;
}

const HEARTBEAT_TIMEOUT_MS = 3_000;
const POLL_MS = 100;
const folder = fileURLToPath(new URL('../test/workflows/histories/', import.meta.url));
const workerMain = fileURLToPath(new URL('../test/support/worker-main.ts', import.meta.url));

const names = process.argv.slice(2);
for (const name of names) if (!Object.hasOwn(scenarios, name)) throw new Error(`There is no scenario ${name}.`);
if (names.length === 0) await rm(folder, { recursive: true, force: true });
for (const name of names.length > 0 ? names : Object.keys(scenarios)) {
  process.stdout.write(`${name} …\n`);
  await record(name, scenarios[name]);
}

async function record(name: string, scenario: Scenario) {
  const { request, faults, cutAt } = scenario;
  await rm(OUT, { recursive: true, force: true });
  const extraArgs =
    cutAt === undefined ? [] : ['--dynamic-config-value', `limit.historyCount.suggestContinueAsNew=${cutAt}`];
  const server = await startTemporalServer({ extraArgs });
  const client = await connectClient({ address: server.address });
  const workers: GuardedProcess[] = [];
  const samplers: GuardedProcess[] = [];
  const startWorker = async (role: WorkerSettings['role'], faults: Faults = {}) => {
    const settings: WorkerSettings = { role, address: server.address, ...faults };
    const args = ['--import', 'tsx', workerMain, JSON.stringify(settings)];
    const worker = await spawnGuarded(process.execPath, args);
    workers.push(worker);
    if (role === 'sampler') samplers.push(worker);
  };
  const startSampler = (ofFaults?: Faults) => startWorker('sampler', ofFaults ?? {});
  try {
    await startWorker('control');
    await startSampler(faults);
    const parsed = parseRequest({ ...request, out: OUT }, 'the request');
    const again = () =>
      scenario.gates === undefined
        ? startRun(client, { request: parsed, run: name, heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS })
        : startAudit(client, { request: parsed, line: name, gates: scenario.gates });
    const handle = await again();
    const until = (holds: (status: RunStatus) => boolean) => untilStatus({ client, handle, holds });
    const retry = async () => {
      const plan = await requirePlan(openStore(OUT), name);
      await (await startRetry(client, { plan, out: OUT, heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS })).result();
    };
    await scenario.act?.({ handle, samplers, startSampler, until, again, retry });
    await untilClosed(client);
    await save(client, join(folder, name));
  } finally {
    await Promise.all(workers.map((worker) => worker.kill()));
    await client.connection.close();
    await server.stop();
    await rm(OUT, { recursive: true, force: true });
  }
}

/** Starts an audit as a schedule does. */
async function startAudit(
  client: Client,
  { request, line, gates }: { request: Request; line: string; gates: z.input<typeof gatesSchema> },
): Promise<RunHandle> {
  const input: AuditModelInput = {
    ...{ line, out: OUT, request, gates: gatesSchema.parse(gates), baseline: 'last', notify: [], withinMs: 72_000_000 },
    queues: { control: controlQueue, sampler: samplerQueue(request.device) },
    heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS,
  };
  const workflowId = `audit/${line}`;
  await client.workflow.start('auditModel', { workflowId, taskQueue: controlQueue, args: [input] });
  return client.workflow.getHandle(workflowId);
}

async function untilStatus({
  client,
  handle,
  holds,
}: {
  client: Client;
  handle: RunHandle;
  holds: (status: RunStatus) => boolean;
}) {
  // A range that has only just been started answers no query yet.
  const holdsNow = () => fetchStatus(client, handle).then(holds, () => false);
  while (!(await holdsNow())) await sleep(POLL_MS);
}

async function untilClosed(client: Client) {
  // What was just started, or just ended, is listed so a moment later.
  const underWay = async () => (await client.workflow.count('ExecutionStatus = "Running"')).count;
  do await sleep(1_000);
  while ((await underWay()) > 0);
}

/** Every execution of the namespace as a file: `run.json`, `range-0.json`, and `range-0.2.json` where it was continued. */
async function save(client: Client, to: string) {
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  const fetched = [];
  for await (const each of fetchHistories(client)) fetched.push(each);
  fetched.sort((a, b) => a.execution.startTime.getTime() - b.execution.startTime.getTime());
  const times = new Map<string, number>();
  for (const { execution, history } of fetched) {
    const base = execution.workflowId.split('/')[2] ?? 'run';
    const time = (times.get(base) ?? 0) + 1;
    times.set(base, time);
    await writeFile(join(to, `${base}${time === 1 ? '' : `.${time}`}.json`), scrubHistory(history));
  }
}
