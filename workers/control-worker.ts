import { fileURLToPath } from 'node:url';
import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import { createControlActivities } from '../activities/control-activities.ts';

/** A plan or a publication under way is finished before the process ends. */
const SHUTDOWN_GRACE_MS = 60_000;
/** A run is one workflow and a few ranges; two hundred of them in memory serve many runs at a time. */
const MAX_CACHED_WORKFLOWS = 200;

/** A worker for workflows, and for the activities that need the store and no device. */
export async function createControlWorker({
  connection,
  namespace,
  taskQueue,
  ...observed
}: {
  connection: NativeConnection;
  namespace: string;
  taskQueue: string;
} & Pick<WorkerOptions, 'interceptors' | 'sinks'>): Promise<Worker> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return Worker.create({
    connection,
    namespace,
    taskQueue,
    ...observed,
    workflowsPath: fileURLToPath(new URL(`../workflows/index.${extension}`, import.meta.url)),
    activities: createControlActivities(),
    maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
    shutdownGraceTime: SHUTDOWN_GRACE_MS,
  });
}
