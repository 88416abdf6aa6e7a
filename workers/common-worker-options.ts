import type { WorkerOptions } from '@temporalio/worker';

/** What all workers of a process have in common. */
export type CommonWorkerOptions = Required<Pick<WorkerOptions, 'connection' | 'namespace'>> &
  Pick<WorkerOptions, 'workerDeploymentOptions' | 'dataConverter' | 'interceptors' | 'sinks'>;
