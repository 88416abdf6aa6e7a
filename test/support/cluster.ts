import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { afterAll } from 'vitest';
import { toRun } from '../../bin/built.js';
import { newRunId } from '../../certification/records/new-run-id.ts';
import { parseRequest } from '../../certification/records/parse-request.ts';
import type { RequestInput } from '../../certification/records/request.ts';
import { connectClient } from '../../cli/connect.ts';
import { spawnGuarded, type GuardedProcess } from '../../cli/dev/spawn-guarded.ts';
import { startTemporalServer } from '../../cli/dev/temporal-server.ts';
import { startRun, type RunHandle } from '../../cli/runs.ts';
import type { WrongClock } from './set-clock.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** So that a killed sampler is noticed within a test's patience. */
export const HEARTBEAT_TIMEOUT_MS = 3_000;

export interface WorkerOptions {
  readonly role: 'control' | 'sampler';
  readonly processes?: number;
  /** Credentials, say. */
  readonly env?: NodeJS.ProcessEnv;
  /** An example whose samples end the sampler by SIGKILL. */
  readonly poison?: number;
  /** Every n-th example can't be read: those that are 1 more than a multiple. */
  readonly unreadable?: number;
  /** A file for the number of samples that the sampler draws (`countedSampler`). */
  readonly counts?: string;
  /** Longest time between two heartbeats that reach the server. */
  readonly heartbeatThrottleMs?: number;
  readonly clock?: WrongClock;
}

/** What `worker-main.ts` is told. */
export type WorkerSettings = Omit<WorkerOptions, 'env'> & { readonly address: string };

export interface ClusterOptions {
  /** Whether the server's workflows outlive it, in a file. */
  readonly durable?: boolean;
  /** Further arguments of `temporal server start-dev`. */
  readonly serverArgs?: readonly string[];
}

export interface Cluster {
  readonly client: Client;
  readonly address: string;
  startWorker(options: WorkerOptions): Promise<GuardedProcess>;
  /** SIGKILL of the server. */
  killServer(): Promise<void>;
  /** Starts the server again at the address that it had, with what it kept. */
  restartServer(): Promise<void>;
  startRun(request: RequestInput): Promise<{ run: string; handle: RunHandle }>;
}

/** A Temporal server of its own for one test file; servers and workers end with the file. */
export async function startCluster({ durable = false, serverArgs = [] }: ClusterOptions = {}): Promise<Cluster> {
  const kept = durable && { dbFilename: join(temporaryFolder(afterAll), 'temporal.db') };
  const start = (port?: number) =>
    startTemporalServer({ ...kept, extraArgs: serverArgs, ...(port !== undefined && { port }) });
  let server = await start();
  const client = await connectClient({ address: server.address });
  const workers: GuardedProcess[] = [];
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.kill()));
    await client.connection.close();
    await server.stop();
  });
  return {
    client,
    address: server.address,
    startWorker: async ({ env, ...options }) => {
      const settings = JSON.stringify({ ...options, address: server.address });
      const { execArgv, file } = toRun('test/support/worker-main.ts');
      const worker = await spawnGuarded(process.execPath, [...execArgv, file, settings], {
        env: { ...process.env, ...env },
      });
      workers.push(worker);
      return worker;
    },
    killServer: () => server.kill(),
    restartServer: async () => {
      server = await start(Number(new URL(`http://${server.address}`).port));
    },
    startRun: async (input) => {
      const request = parseRequest(input, 'the request');
      const run = request.run ?? newRunId(new Date());
      return { run, handle: await startRun(client, { request, run, heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS }) };
    },
  };
}
