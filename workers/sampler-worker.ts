import { Worker } from '@temporalio/worker';
import { createSamplerActivities, type SamplerActivityOptions } from '../activities/sampler-activities.ts';
import type { Sampler } from '../certification/sampler.ts';
import type { CommonWorkerOptions } from './common-worker-options.ts';
import { SHUTDOWN_MS } from './shutdown.ts';

/** Lost when a sampler is killed: at most the work of this long. */
const MAX_HEARTBEAT_THROTTLE_MS = 5_000;

/**
 * A worker for one device: one task at a time. On shutdown its task is told at once, and handed over.
 */
export async function createSamplerWorker({
  taskQueue,
  sampler,
  maxHeartbeatThrottleMs = MAX_HEARTBEAT_THROTTLE_MS,
  onRow,
  ...common
}: CommonWorkerOptions & {
  taskQueue: string;
  sampler: Sampler;
  maxHeartbeatThrottleMs?: number;
  onRow?: SamplerActivityOptions['onRow'];
}): Promise<Worker> {
  return Worker.create({
    ...common,
    taskQueue,
    activities: createSamplerActivities({ sampler, maxHeartbeatThrottleMs, onRow }),
    maxConcurrentActivityTaskExecutions: 1,
    maxHeartbeatThrottleInterval: maxHeartbeatThrottleMs,
    defaultHeartbeatThrottleInterval: maxHeartbeatThrottleMs,
    shutdownGraceTime: 0,
    // Time for the piece under way to end and its heartbeat to be sent.
    shutdownForceTime: SHUTDOWN_MS,
  });
}
