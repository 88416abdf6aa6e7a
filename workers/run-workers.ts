import { NativeConnection, Runtime } from '@temporalio/worker';
import type { Device } from '../certification/records/device.ts';
import { createMetrics } from '../activities/metrics.ts';
import { observeActivities } from '../activities/observe-activities.ts';
import { PerimeterError } from '../certification/perimeter-error.ts';
import { createSampler, type Sampler, type SamplerOptions } from '../certification/sampler.ts';
import type { CommonWorkerOptions } from './common-worker-options.ts';
import { createControlWorker } from './control-worker.ts';
import { dataConverter } from './data-converter.ts';
import { meteredSampler } from './metered-sampler.ts';
import { observeProcess, type ObservedProcess, type ObserveOptions } from './observe-process.ts';
import { probeDevice } from './probe-device.ts';
import { controlQueue, samplerQueue } from './queues.ts';
import { createSamplerWorker } from './sampler-worker.ts';
import type { Running } from './worker-health.ts';
import { waitForTemporal, type TemporalAddress } from './wait-for-temporal.ts';
import { deploymentOptions, type DeploymentVersion } from './worker-version.ts';

export type WorkerRole = 'control' | 'sampler';

export interface RunWorkersOptions extends ObserveOptions, TemporalAddress {
  readonly roles: readonly WorkerRole[];
  readonly namespace: string;
  /** The version of these workers; unversioned where left out. */
  readonly deployment?: DeploymentVersion;
  /** What the sampler runs the model on: the CPU where left out. */
  readonly device?: Device;
  /** Model processes of the sampler; on a CPU as many as there are cores where left out, else one. */
  readonly processes?: number;
  /** Makes the sampler that the activities use. */
  readonly createSampler?: (options: SamplerOptions) => Sampler;
  readonly maxHeartbeatThrottleMs?: number;
}

/** Those by which operators end a process; the runtime shuts its workers down on them. */
const SHUTDOWN_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Runs workers in this process until it is told to stop (SIGINT, SIGTERM) or one of them ends.
 *
 * @throws PerimeterError `TemporalUnavailable` where the server can't be reached, and nobody looks at the health of the
 * process (else it is waited for); what a worker ended with.
 */
export async function runWorkers(options: RunWorkersOptions): Promise<void> {
  // What is wrong here is said before anything is begun.
  const common = { ...deploymentOptions(options.deployment), dataConverter: dataConverter() };
  const observed = await observeProcess(options);
  try {
    await runObserved(options, { ...observed, common });
  } finally {
    await observed.close();
  }
}

async function runObserved(
  options: RunWorkersOptions,
  observed: ObservedProcess & { common: Partial<CommonWorkerOptions> },
): Promise<void> {
  const { roles, address, namespace, tls, apiKey, metadata } = options;
  const { logger, meter, health, tracing } = observed;
  health.starting(`Temporal at ${address}`);
  // Where somebody looks at the health of this process, it needn't end to be seen waiting.
  if (options.healthAddress !== undefined && !(await isThere())) {
    // It ends by itself with its last connection, of which there was none.
    await Runtime.instance().shutdown();
    return;
  }
  const connection = await connect();
  const common = { ...observed.common, connection, namespace };
  const sampler = roles.includes('sampler')
    ? (options.createSampler ?? createSampler)({ device: options.device, processes: options.processes })
    : undefined;
  const metrics = createMetrics({ meter, control: roles.includes('control'), sampler });
  const interceptors = { activity: [...tracing.activityInterceptors, observeActivities(metrics)] };
  const told = (signal: NodeJS.Signals) => {
    logger.info('Shutting down', { signal });
  };
  try {
    if (sampler !== undefined && options.healthAddress !== undefined) {
      health.starting('a model process to run on this device');
      await probeDevice(sampler.device);
    }
    health.starting('the workers to start');
    const workers: Running['workers'][number][] = [];
    if (roles.includes('control')) {
      const { sinks } = tracing;
      const worker = await createControlWorker({ ...common, taskQueue: controlQueue, interceptors, sinks });
      workers.push({ role: 'control', worker });
    }
    if (sampler !== undefined) {
      const { maxHeartbeatThrottleMs } = options;
      const worker = await createSamplerWorker({
        ...common,
        taskQueue: samplerQueue(sampler.device.kind),
        sampler: meteredSampler(sampler, metrics),
        interceptors,
        onRow: ({ status }) => {
          metrics.example(status);
        },
        ...(maxHeartbeatThrottleMs !== undefined && { maxHeartbeatThrottleMs }),
      });
      workers.push({ role: 'sampler', worker });
    }
    const running = workers.map(({ worker }) => worker.run());
    health.up({ connection, workers });
    logger.info('Workers are up', { roles, address, namespace });
    for (const signal of SHUTDOWN_SIGNALS) process.once(signal, told);
    try {
      await Promise.race(running);
    } finally {
      // One worker's end is the process's: half a process would look healthy and do half the work.
      for (const { worker } of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.allSettled(running);
    }
  } finally {
    for (const signal of SHUTDOWN_SIGNALS) process.off(signal, told);
    await sampler?.close();
    await connection.close();
  }

  function server(): TemporalAddress {
    return {
      address,
      ...(tls !== undefined && { tls }),
      ...(apiKey !== undefined && { apiKey }),
      ...(metadata !== undefined && { metadata }),
    };
  }

  /** Whether the server came up before this process was told to stop. */
  async function isThere(): Promise<boolean> {
    const stop = new AbortController();
    const told = (signal: NodeJS.Signals) => {
      logger.info('Shutting down', { signal });
      stop.abort();
    };
    for (const signal of SHUTDOWN_SIGNALS) process.once(signal, told);
    try {
      await waitForTemporal(server(), {
        signal: stop.signal,
        onFailure: (error) => {
          logger.warn('Temporal is waited for', { error });
        },
      });
      return !stop.signal.aborted;
    } finally {
      for (const signal of SHUTDOWN_SIGNALS) process.off(signal, told);
    }
  }

  async function connect(): Promise<NativeConnection> {
    try {
      return await NativeConnection.connect(server());
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new PerimeterError('TemporalUnavailable', `Temporal can't be reached at ${address}: ${reason}.`, {
        cause: error,
      });
    }
  }
}
