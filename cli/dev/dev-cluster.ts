import { fileURLToPath } from 'node:url';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import proto, { type temporal } from '@temporalio/proto';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { controlQueue, samplerQueue } from '../../workers/queues.ts';
import { spawnGuarded, type GuardedProcess } from './spawn-guarded.ts';
import { startTemporalServer, type TemporalServer } from './temporal-server.ts';

const { TaskQueueType } = proto.temporal.api.enums.v1;

/** The dev server's own. */
const NAMESPACE = 'default';
/** How often the workers are looked after. */
const WATCH_MS = 1_000;
/** Time for the pieces under way to be handed over. */
const WORKER_STOP_MS = 10_000;
/** A worker is up in a few seconds; on a busy machine in some more. */
const WORKER_START_MS = 60_000;

export interface DevCluster {
  readonly address: string;
  readonly uiUrl?: string;
  readonly samplers: number;
  /** Rejects where the server or a worker ends by itself. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

/**
 * A Temporal dev server, a control worker and `samplers` sampler workers on this machine, each in a process that ends
 * with this one. Ready when the workers poll.
 *
 * @throws PerimeterError `MissingPart`, `TemporalUnavailable`.
 */
export async function startDevCluster({
  samplers = 1,
  port,
  uiPort,
  headless,
  dbFilename,
  logFile,
  onProgress,
}: {
  samplers?: number;
  port?: number;
  uiPort?: number;
  headless?: boolean;
  dbFilename?: string;
  logFile?: string;
  onProgress?: (line: string) => void;
}): Promise<DevCluster> {
  const server: TemporalServer = await startTemporalServer({
    ...(port !== undefined && { port }),
    ...(uiPort !== undefined && { uiPort }),
    ...(headless !== undefined && { headless }),
    ...(dbFilename !== undefined && { dbFilename }),
    ...(logFile !== undefined && { logFile }),
    ...(onProgress && { onProgress }),
  });
  const { address, uiUrl } = server;
  const workers: GuardedProcess[] = [];
  let watch: NodeJS.Timeout | undefined;
  const stop = async () => {
    clearInterval(watch);
    await Promise.all(workers.map((worker) => worker.stop(WORKER_STOP_MS)));
    await server.stop();
  };
  try {
    const processes = Math.max(1, Math.floor(availableParallelism() / samplers));
    const start = (...args: string[]) =>
      startWorker([...args, '--address', address, '--namespace', NAMESPACE], logFile);
    workers.push(await start('--role', 'control'));
    for (let sampler = 0; sampler < samplers; sampler++) {
      workers.push(await start('--role', 'sampler', '--processes', String(processes)));
    }
    await untilPolled(address, workers);
  } catch (error) {
    await stop();
    throw error;
  }
  const failed = new Promise<never>((_resolve, reject) => {
    watch = setInterval(() => {
      const dead = workers.find((worker) => worker.ended());
      if (dead !== undefined) reject(notUp('A worker ended by itself', dead));
    }, WATCH_MS).unref();
  });
  failed.catch(() => undefined);
  return { address, ...(uiUrl !== undefined && { uiUrl }), samplers, failed, stop };
}

function startWorker(args: readonly string[], logFile: string | undefined): Promise<GuardedProcess> {
  const cli = fileURLToPath(
    new URL(`${import.meta.url.endsWith('.ts') ? '../..' : '../../..'}/bin/perimeter.js`, import.meta.url),
  );
  return spawnGuarded(process.execPath, [cli, 'worker', '--log-format', 'text', ...args], {
    env: localEnvironment(),
    ...(logFile !== undefined && { logFile }),
  });
}

/** For one worker of one process: several can't listen at one address. */
const ONE_PROCESS = ['PERIMETER_METRICS_ADDRESS', 'PERIMETER_HEALTH_ADDRESS'];

/** The environment without what says where another Temporal server is. */
function localEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_') && !ONE_PROCESS.includes(name)),
  );
}

function notUp(what: string, worker: GuardedProcess): PerimeterError {
  const reason = worker.output().trim().split('\n').slice(-3).join(' ');
  return new PerimeterError('TemporalUnavailable', `${what}: ${reason || 'it printed nothing'}.`);
}

async function untilPolled(address: string, workers: readonly GuardedProcess[]) {
  const connection = await Connection.connect({ address });
  try {
    const polled = async (taskQueue: string, taskQueueType: temporal.api.enums.v1.TaskQueueType) => {
      const { pollers } = await connection.workflowService.describeTaskQueue({
        namespace: NAMESPACE,
        taskQueue: { name: taskQueue },
        taskQueueType,
      });
      return pollers.length > 0;
    };
    const deadline = Date.now() + WORKER_START_MS;
    for (;;) {
      const dead = workers.find((worker) => worker.ended());
      if (dead !== undefined || Date.now() > deadline) {
        throw notUp('A worker did not come up', dead ?? workers[0]);
      }
      if (
        (await polled(controlQueue, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)) &&
        (await polled(samplerQueue('cpu'), TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY))
      )
        return;
      await sleep(200);
    }
  } finally {
    await connection.close();
  }
}
