import type { MetricMeter } from '@temporalio/common';
import type { Logger, LogLevel } from '@temporalio/worker';
import { startHealthServer } from './health-server.ts';
import { installRuntime } from './install-runtime.ts';
import { createLogger, defaultLogFormat, type LogFormat } from './log.ts';
import { flushTracing, workerTracing } from './tracing.ts';
import { createWorkerHealth, type WorkerHealth } from './worker-health.ts';

export interface ObserveOptions {
  readonly logLevel?: LogLevel;
  /** Text on a terminal, JSON elsewhere, unless told. */
  readonly logFormat?: LogFormat | undefined;
  /** Where Prometheus metrics are served, as IP:port; nowhere where left out. */
  readonly metricsAddress?: string | undefined;
  /** Where `/healthz` and `/readyz` are served, as IP:port; nowhere where left out. */
  readonly healthAddress?: string | undefined;
}

/** What shows how a process of workers is. */
export interface ObservedProcess {
  readonly logger: Logger;
  readonly meter: MetricMeter;
  readonly health: WorkerHealth;
  readonly tracing: Awaited<ReturnType<typeof workerTracing>>;
  close(): Promise<void>;
}

/**
 * Sets up logs, metrics, traces and health checks, before anything else is: what the process waits for is to be seen.
 *
 * @throws PerimeterError `InvalidRequest` where an address can't be served.
 */
export async function observeProcess(options: ObserveOptions): Promise<ObservedProcess> {
  const { logLevel = 'INFO', logFormat = defaultLogFormat(), metricsAddress, healthAddress } = options;
  const health = createWorkerHealth();
  const server = healthAddress === undefined ? undefined : await startHealthServer(healthAddress, health);
  try {
    const runtime = installRuntime({ logger: createLogger(logLevel, logFormat), logLevel, metricsAddress });
    const { logger } = runtime;
    const tracing = await workerTracing((message) => {
      logger.warn('Traces could not be sent', { reason: message });
    });
    return {
      logger,
      meter: runtime.metricMeter,
      health,
      tracing,
      close: async () => {
        await flushTracing();
        await server?.close();
      },
    };
  } catch (error) {
    await server?.close();
    throw error;
  }
}
