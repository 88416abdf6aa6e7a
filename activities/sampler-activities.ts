import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { ApplicationFailure, Context, type Info } from '@temporalio/activity';
import { draftClaim } from '../certification/draft-claim.ts';
import { NO_PROGRESS, type ShardProgress } from '../certification/draw-shard.ts';
import { estimateShard } from '../certification/estimate-shard.ts';
import { requirePlan } from '../certification/plan-run.ts';
import type { Row } from '../certification/records/certificate.ts';
import type { Sampler } from '../certification/sampler.ts';
import { selectShard } from '../certification/select-shard.ts';
import type { ShardTask } from '../certification/shard-task.ts';
import { openStore } from '../certification/storage/open-store.ts';
import type { SamplerActivities, ShardReference } from './interfaces.ts';
import { asFailure } from './as-failure.ts';
import { HEARTBEAT_INTERVAL_MS, withHeartbeats } from './heartbeats.ts';

export interface SamplerActivityOptions {
  readonly sampler: Sampler;
  /** The worker's longest time between two heartbeats that reach the server. */
  readonly maxHeartbeatThrottleMs: number;
  /** Told of each row that is in the store. */
  readonly onRow?: ((row: Row) => void) | undefined;
}

const HEARTBEAT_TRAVEL_MS = 500;

/** The activities of one device. They run one at a time. */
export function createSamplerActivities({
  sampler,
  maxHeartbeatThrottleMs,
  onRow,
}: SamplerActivityOptions): SamplerActivities {
  // Until the newest progress is offered, passed on, and has arrived by a heartbeat.
  const settleMs = HEARTBEAT_INTERVAL_MS + maxHeartbeatThrottleMs + HEARTBEAT_TRAVEL_MS;
  return {
    draftClaim: (request) =>
      asFailure(() =>
        withHeartbeats(
          () => undefined,
          () => draftClaim(sampler, request),
        ),
      ),
    selectShard: (reference) => asFailure(() => attempt(reference, selectShard)),
    estimateShard: (reference, selection) =>
      asFailure(() => attempt(reference, (task) => estimateShard({ ...task, selection, onRow }))),
  };

  /** Has the server keep the progress now: heartbeats are held back for seconds, and a shard settles often after a death. */
  async function settle(progress: unknown): Promise<void> {
    const context = Context.current();
    try {
      // What the next heartbeat says is then no older.
      context.heartbeat(progress);
      await context.client.activity.heartbeat(context.info.taskToken, progress);
    } catch {
      // The server is away, or doesn't want the attempt any more, which the next heartbeat is told.
      await sleep(settleMs, undefined, { signal: context.cancellationSignal }).catch(() => undefined);
    }
  }

  /** One attempt at a shard: goes on from the last heartbeat of the one before, and heartbeats its own progress. */
  async function attempt<T>({ out, run, ...which }: ShardReference, work: (task: ShardTask) => Promise<T>): Promise<T> {
    const { info, cancellationSignal } = Context.current();
    const previous = lastProgress(info);
    let progress: () => unknown = () => previous;
    try {
      return await withHeartbeats(
        () => progress(),
        async () => {
          const store = openStore(out);
          const plan = await requirePlan(store, run);
          return work({
            sampler,
            store,
            plan,
            ...which,
            previous,
            signal: cancellationSignal,
            onProgress: (latest) => {
              progress = latest;
            },
            settle: () => settle(progress()),
          });
        },
      );
    } catch (error) {
      throw isShutdown(error) ? shutdownFailure() : error;
    }
  }
}

/** The last attempt's progress. One that died before its first heartbeat arrived may have died of an example too. */
function lastProgress({ heartbeatDetails, attempt }: Info): ShardProgress | undefined {
  return (heartbeatDetails as ShardProgress | undefined) ?? (attempt > 1 ? NO_PROGRESS : undefined);
}

function isShutdown(error: unknown): boolean {
  return error instanceof CancelledFailure && error.message === 'WORKER_SHUTDOWN';
}

/** Unlike a cancellation, a failure has the last heartbeat sent before it, and another worker goes on at once. */
function shutdownFailure(): ApplicationFailure {
  return ApplicationFailure.create({
    message: 'The sampler shuts down; another goes on from its last heartbeat.',
    type: 'WorkerShutdown',
    category: ApplicationFailureCategory.BENIGN,
    nextRetryDelay: '100ms',
  });
}
