import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { DeviceKind } from '../../certification/records/device.ts';
import { freePort } from '../../cli/dev/free-port.ts';
import { spawnGuarded, type GuardedProcess } from '../../cli/dev/spawn-guarded.ts';
import { temporaryFolder } from './temporary-folder.ts';

const cli = fileURLToPath(new URL('../../bin/perimeter.js', import.meta.url));

/** A `perimeter worker` process, and what an operator sees of it. */
export interface WorkerCli extends GuardedProcess {
  readonly metricsAddress: string;
  readonly healthAddress: string;
  /** What it has logged, line by line. */
  logged(): Record<string, unknown>[];
  scrape(): Promise<string>;
  /** The answer to a health check; undefined where nothing answers. */
  ask(path: '/healthz' | '/readyz'): Promise<{ status: number; body: unknown } | undefined>;
  untilReady(): Promise<void>;
}

/** Starts `perimeter worker` with metrics, health checks and logs, as a shell would. */
export async function startWorkerCli(
  {
    address,
    role,
    device,
    env,
  }: { address: string; role?: 'control' | 'sampler'; device?: DeviceKind; env?: NodeJS.ProcessEnv },
  atEnd?: (cleanUp: () => void) => void,
): Promise<WorkerCli> {
  const logFile = join(temporaryFolder(atEnd), 'worker.log');
  const metricsAddress = `127.0.0.1:${await freePort()}`;
  const healthAddress = `127.0.0.1:${await freePort()}`;
  const served = ['--metrics', metricsAddress, '--health', healthAddress];
  const args = [cli, 'worker', '--address', address, '--processes', '1', ...served];
  if (role !== undefined) args.push('--role', role);
  if (device !== undefined) args.push('--device', device);
  const worker = await spawnGuarded(process.execPath, args, {
    env: { ...process.env, ...env },
    logFile,
  });
  const ask: WorkerCli['ask'] = async (path) => {
    const response = await fetch(`http://${healthAddress}${path}`).catch(() => undefined);
    return response && { status: response.status, body: await response.json() };
  };
  return {
    ...worker,
    metricsAddress,
    healthAddress,
    logged: () =>
      // It is there from the first line on.
      (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    scrape: async () => (await fetch(`http://${metricsAddress}/metrics`)).text(),
    ask,
    untilReady: async () => {
      while ((await ask('/readyz'))?.status !== 200) {
        if (worker.ended()) throw new Error(`the worker ended: ${worker.output()}`);
        await sleep(100);
      }
    },
  };
}
