import { proxyActivities } from '@temporalio/workflow';
import type { ControlActivities, SamplerActivities } from '../activities/interfaces.ts';
import { HEARTBEAT_TIMEOUT_MS, priorities, type SteeredRun } from './types.ts';
import { rootFailure } from './root-failure.ts';

/** How activities are tried again: for as long as it takes. */
export const RETRY = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' } as const;

/** The activities of a run as a whole: on a sampler, and on a control worker. */
export function connectActivities({
  queues,
  run,
  heartbeatTimeoutMs = HEARTBEAT_TIMEOUT_MS,
}: Pick<SteeredRun, 'queues' | 'run' | 'heartbeatTimeoutMs'>) {
  const samplers = proxyActivities<SamplerActivities>({
    taskQueue: queues.sampler,
    // Reading a model and a dataset, and calibration.
    startToCloseTimeout: '1h',
    heartbeatTimeout: heartbeatTimeoutMs,
    retry: RETRY,
    // A plan holds up its whole run and takes seconds: before the shards of others.
    priority: { priorityKey: priorities.plan, fairnessKey: run.slice(0, 64) },
  });
  const control = proxyActivities<ControlActivities>({
    taskQueue: queues.control,
    startToCloseTimeout: '1h',
    heartbeatTimeout: heartbeatTimeoutMs,
    retry: RETRY,
  });
  return { samplers, control };
}

export type RunActivities = ReturnType<typeof connectActivities>;

/** The failure as its activity threw it, so that the run's failure is one sentence. */
export async function unwrapped<T>(activity: Promise<T>): Promise<T> {
  try {
    return await activity;
  } catch (error) {
    throw rootFailure(error);
  }
}
