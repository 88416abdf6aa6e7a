import type { NativeConnection, Worker } from '@temporalio/worker';
import type { HealthChecks } from './health-server.ts';

/** Temporal answers in milliseconds; a probe has a second by default, and operators are told to give it five. */
export const TEMPORAL_TIMEOUT_MS = 2_000;

export interface Running {
  readonly connection: NativeConnection;
  readonly workers: readonly { readonly role: string; readonly worker: Worker }[];
}

export interface WorkerHealth extends HealthChecks {
  /** What the process waits for before its workers are up. */
  starting(what: string): void;
  up(running: Running): void;
}

/** The health of this process's workers, from before they are up until they have stopped. */
export function createWorkerHealth(): WorkerHealth {
  let waitsFor = 'the process to start';
  let running: Running | undefined;
  return {
    starting: (what) => {
      waitsFor = what;
    },
    up: (workers) => {
      running = workers;
    },
    live: () => running && deadWorker(running),
    ready: async () => {
      if (running === undefined) return `waiting for ${waitsFor}`;
      return idleWorker(running) ?? (await unreachable(running.connection));
    },
  };
}

/** One that can't go on, while the process does. */
function deadWorker({ workers }: Running): string | undefined {
  const states = workers.map(({ role, worker }) => ({ role, state: worker.getState() }));
  const failed = states.find(({ state }) => state === 'FAILED');
  if (failed !== undefined) return `the ${failed.role} worker has failed`;
  // Workers that were told to stop do so one after another: that is no fault while none goes on.
  if (!states.some(({ state }) => state === 'RUNNING')) return undefined;
  const stopped = states.find(({ state }) => state === 'STOPPED');
  return stopped && `the ${stopped.role} worker has stopped`;
}

function idleWorker({ workers }: Running): string | undefined {
  for (const { role, worker } of workers) {
    const { runState, workflowPollerState, activityPollerState } = worker.getStatus();
    if (runState !== 'RUNNING') return `the ${role} worker is ${runState.toLowerCase()}`;
    const pollers = role === 'control' ? [workflowPollerState, activityPollerState] : [activityPollerState];
    if (pollers.some((state) => state !== 'POLLING')) return `the ${role} worker does not poll its queue`;
  }
  return undefined;
}

async function unreachable(connection: NativeConnection): Promise<string | undefined> {
  try {
    const deadline = Date.now() + TEMPORAL_TIMEOUT_MS;
    await connection.withDeadline(deadline, () => connection.workflowService.getSystemInfo({}));
    return undefined;
  } catch (error) {
    return `Temporal does not answer: ${error instanceof Error ? error.message : String(error)}`;
  }
}
