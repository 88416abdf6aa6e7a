import { Worker } from '@temporalio/worker';
import { createAuditActivities } from '../activities/audit-activities.ts';
import { createControlActivities } from '../activities/control-activities.ts';
import type { CommonWorkerOptions } from './common-worker-options.ts';
import { SHUTDOWN_MS } from './shutdown.ts';
import { workflowCode } from './workflow-code.ts';

/** What isn't finished by then is cancelled, and has this long to end. */
const CANCELLATION_MS = 10_000;
/** A run is one workflow and a few ranges; two hundred of them in memory serve many runs at a time. */
const MAX_CACHED_WORKFLOWS = 200;

/** A worker for workflows, and for the activities that need the store and no device. */
export async function createControlWorker({
  taskQueue,
  ...common
}: CommonWorkerOptions & { taskQueue: string }): Promise<Worker> {
  return Worker.create({
    ...common,
    taskQueue,
    ...workflowCode(common),
    activities: { ...createControlActivities(), ...createAuditActivities() },
    maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
    // A plan or a publication under way is finished before the process ends.
    shutdownGraceTime: SHUTDOWN_MS - CANCELLATION_MS,
    shutdownForceTime: SHUTDOWN_MS,
  });
}
