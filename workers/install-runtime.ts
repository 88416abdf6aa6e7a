import { Runtime, type Logger, type LogLevel, type MetricsExporterConfig } from '@temporalio/worker';
import { INFERENCE_BUCKETS } from '../activities/metrics.ts';
import { cannotListen, parseBindAddress } from './bind-address.ts';

const NAME = 'The address of the metrics (--metrics)';

/** In seconds. A shard is made to last five minutes, and may wait for as many as are before it. */
const HISTOGRAM_BUCKETS = {
  perimeter_inference: INFERENCE_BUCKETS,
  activity_execution_latency: [0.1, 1, 10, 30, 60, 120, 300, 600, 1_800, 3_600],
  activity_schedule_to_start_latency: [0.1, 1, 10, 30, 60, 300, 600, 1_800, 3_600, 14_400],
};

/**
 * Sets up the SDK's runtime of this process, before anything else of it is used: its logger, which takes what native
 * code says too, and where a metrics address is given, Prometheus metrics at http://…/metrics.
 *
 * @throws PerimeterError `InvalidRequest` where the address can't be served.
 */
export function installRuntime({
  logger,
  logLevel,
  metricsAddress,
}: {
  logger: Logger;
  logLevel: LogLevel;
  metricsAddress?: string | undefined;
}): Runtime {
  const metrics = metricsAddress !== undefined && prometheusAt(metricsAddress);
  try {
    return Runtime.install({
      logger,
      telemetryOptions: {
        logging: { filter: { core: logLevel === 'DEBUG' ? 'INFO' : 'WARN', other: 'ERROR' }, forward: {} },
        ...(metrics && { metrics }),
      },
    });
  } catch (error) {
    if (metricsAddress === undefined) throw error;
    throw cannotListen(metricsAddress, NAME, error);
  }
}

/** Names as Prometheus has them: base units, counters with `_total`. */
function prometheusAt(bindAddress: string): MetricsExporterConfig {
  parseBindAddress(bindAddress, NAME);
  return {
    attachServiceName: false,
    prometheus: {
      bindAddress,
      countersTotalSuffix: true,
      unitSuffix: true,
      useSecondsForDurations: true,
      histogramBucketOverrides: HISTOGRAM_BUCKETS,
    },
  };
}
