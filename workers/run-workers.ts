import { availableParallelism } from 'node:os';
import { DefaultLogger, NativeConnection, Runtime, type LogLevel, type Worker } from '@temporalio/worker';
import { PerimeterError } from '../certification/perimeter-error.ts';
import { createSampler, type Sampler } from '../certification/sampler.ts';
import { createControlWorker } from './control-worker.ts';
import { dataConverter } from './data-converter.ts';
import { controlQueue, samplerQueue } from './queues.ts';
import { createSamplerWorker } from './sampler-worker.ts';
import { deploymentOptions, type DeploymentVersion } from './worker-version.ts';

export type WorkerRole = 'control' | 'sampler';

export interface RunWorkersOptions {
  readonly roles: readonly WorkerRole[];
  readonly address: string;
  readonly namespace: string;
  readonly tls?: NativeConnectionOptions['tls'];
  readonly apiKey?: NativeConnectionOptions['apiKey'];
  readonly metadata?: NativeConnectionOptions['metadata'];
  /** The version of these workers; unversioned where left out. */
  readonly deployment?: DeploymentVersion;
  /** Model processes of the sampler; as many as there are cores where left out. */
  readonly processes?: number;
  readonly logLevel?: LogLevel;
  /** Makes the sampler that the activities use. */
  readonly createSampler?: (options: { processes: number }) => Sampler;
  readonly maxHeartbeatThrottleMs?: number;
}

type NativeConnectionOptions = NonNullable<Parameters<typeof NativeConnection.connect>[0]>;

/**
 * Runs workers in this process until it is told to stop (SIGINT, SIGTERM) or one of them ends.
 *
 * @throws PerimeterError `TemporalUnavailable` where the server can't be reached; what a worker ended with.
 */
export async function runWorkers(options: RunWorkersOptions): Promise<void> {
  const { roles, address, namespace } = options;
  Runtime.install({ logger: new DefaultLogger(options.logLevel ?? 'INFO') });
  const versioned = deploymentOptions(options.deployment);
  const converter = dataConverter();
  const connection = await connect(options);
  const common = { connection, namespace, dataConverter: converter, ...versioned };
  const sampler = roles.includes('sampler')
    ? (options.createSampler ?? createSampler)({ processes: options.processes ?? availableParallelism() })
    : undefined;
  try {
    const workers: Worker[] = [];
    if (roles.includes('control')) {
      workers.push(await createControlWorker({ ...common, taskQueue: controlQueue }));
    }
    if (sampler !== undefined) {
      const { maxHeartbeatThrottleMs } = options;
      const taskQueue = samplerQueue(sampler.device);
      const throttle = maxHeartbeatThrottleMs !== undefined && { maxHeartbeatThrottleMs };
      workers.push(await createSamplerWorker({ ...common, taskQueue, sampler, ...throttle }));
    }
    const running = workers.map((worker) => worker.run());
    try {
      await Promise.race(running);
    } finally {
      // One worker's end is the process's: half a process would look healthy and do half the work.
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.allSettled(running);
    }
  } finally {
    await sampler?.close();
    await connection.close();
  }

  async function connect({ tls, apiKey, metadata }: RunWorkersOptions): Promise<NativeConnection> {
    try {
      return await NativeConnection.connect({
        address,
        ...(tls !== undefined && { tls }),
        ...(apiKey !== undefined && { apiKey }),
        ...(metadata !== undefined && { metadata }),
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new PerimeterError('TemporalUnavailable', `Temporal can't be reached at ${address}: ${reason}.`, {
        cause: error,
      });
    }
  }
}
