import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { afterAll } from 'vitest';
import { newRunId } from '../../certification/records/new-run-id.ts';
import { parseRequest } from '../../certification/records/parse-request.ts';
import type { RequestInput } from '../../certification/records/request.ts';
import { connectClient } from '../../cli/connect.ts';
import { spawnGuarded, type GuardedProcess } from '../../cli/dev/spawn-guarded.ts';
import { startTemporalServer } from '../../cli/dev/temporal-server.ts';
import { startRun, type RunHandle } from '../../cli/runs.ts';

const workerMain = fileURLToPath(new URL('./worker-main.ts', import.meta.url));

/** So that a killed sampler is noticed within a test's patience. */
const HEARTBEAT_TIMEOUT_MS = 3_000;

export interface WorkerOptions {
  readonly role: 'control' | 'sampler';
  readonly processes?: number;
  /** Credentials, say. */
  readonly env?: NodeJS.ProcessEnv;
  /** An example whose samples end the sampler by SIGKILL. */
  readonly poison?: number;
  /** Every n-th example can't be read: those that are 1 more than a multiple. */
  readonly unreadable?: number;
}

export interface Cluster {
  readonly client: Client;
  readonly address: string;
  startWorker(options: WorkerOptions): Promise<GuardedProcess>;
  startRun(request: RequestInput): Promise<{ run: string; handle: RunHandle }>;
}

/** A Temporal server of its own for one test file; servers and workers end with the file. */
export async function startCluster(): Promise<Cluster> {
  const server = await startTemporalServer();
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
    startWorker: async ({ role, processes = 1, env, poison, unreadable }) => {
      const args = [role, server.address, String(processes), String(poison ?? -1), String(unreadable ?? 0)];
      const worker = await spawnGuarded(process.execPath, ['--import', 'tsx', workerMain, ...args], {
        env: { ...process.env, ...env },
      });
      workers.push(worker);
      return worker;
    },
    startRun: async (input) => {
      const request = parseRequest(input, 'the request');
      const run = request.run ?? newRunId(new Date());
      return { run, handle: await startRun(client, { request, run, heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS }) };
    },
  };
}
