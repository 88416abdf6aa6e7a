import type { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { ShardProgress } from '../certification/draw-shard.ts';
import type { ShardCost } from '../certification/shard-task.ts';
import type { AuditConclusion, ShardReference } from './interfaces.ts';
import { failureTypes, type FailureType, type Metrics, type ShardPhase } from './metrics.ts';

const PHASE_OF: Partial<Record<string, ShardPhase>> = { selectShard: 'selection', estimateShard: 'estimation' };

/** Counts the attempts at activities, and logs those at shards; every line from inside one names its run and shard. */
export function observeActivities(metrics: Metrics): ActivityInterceptorsFactory {
  return (context) => {
    let about: Partial<Pick<ShardReference, 'run' | 'shard'>> = {};
    return {
      outbound: { getLogAttributes: (attributes, next) => next({ ...attributes, ...about }) },
      inbound: {
        execute: async (input, next) => {
          about = referenceOf(input.args[0]);
          const { activityType } = context.info;
          const phase = PHASE_OF[activityType];
          const startedAt = performance.now();
          if (phase !== undefined) begin(context, metrics, phase);
          try {
            const result = await next(input);
            if (phase !== undefined) finish(context, metrics, { phase, result, startedAt });
            if (activityType === 'recordFailedShard') metrics.setAside();
            if (activityType === 'concludeAudit') {
              const { outcome, skipped } = result as AuditConclusion;
              metrics.audited(skipped ? 'skipped' : outcome);
            }
            return result;
          } catch (error) {
            fail(context, metrics, { phase, error });
            throw error;
          }
        },
      },
    };
  };
}

function begin({ info, log }: Context, metrics: Metrics, phase: ShardPhase) {
  if (info.attempt > 1) {
    metrics.retried(phase);
    const { drawn } = (info.heartbeatDetails as ShardProgress | undefined) ?? { drawn: 0 };
    log.info(`Shard ${phase} goes on from another attempt's last heartbeat`, { phase, samplesSettled: drawn });
  } else log.info(`Shard ${phase} started`, { phase });
}

function finish(
  { log }: Context,
  metrics: Metrics,
  { phase, result, startedAt }: { phase: ShardPhase; result: unknown; startedAt: number },
) {
  metrics.attempted(phase, 'finished');
  const { cost } = result as { cost?: ShardCost };
  const seconds = Math.round(performance.now() - startedAt) / 1_000;
  if (cost === undefined) log.info('Shard was certified already', { phase, seconds });
  else log.info(`Shard ${phase} finished`, { phase, samples: cost.samples, seconds });
}

/** Says and counts how an attempt ended that did not finish; why one failed, the SDK logs itself. */
function fail(
  { cancellationSignal, log }: Context,
  metrics: Metrics,
  { phase, error }: { phase: ShardPhase | undefined; error: unknown },
) {
  if (error instanceof CancelledFailure && cancellationSignal.aborted) {
    if (phase === undefined) return;
    metrics.attempted(phase, 'cancelled');
    log.info(`Shard ${phase} cancelled`, { phase, reason: error.message });
    return;
  }
  const type = typeOf(error);
  metrics.failed(type);
  if (phase === undefined) return;
  metrics.attempted(phase, type === 'WorkerShutdown' ? 'handed_over' : 'failed');
  if (type === 'WorkerShutdown') log.info(`Shard ${phase} handed over to another sampler`, { phase });
}

function typeOf(error: unknown): FailureType {
  const type = error instanceof ApplicationFailure ? error.type : undefined;
  return failureTypes.find((known) => known === type) ?? 'Other';
}

function referenceOf(argument: unknown): Partial<Pick<ShardReference, 'run' | 'shard'>> {
  const { run, shard } = (argument ?? {}) as Partial<ShardReference>;
  return { ...(run !== undefined && { run }), ...(shard !== undefined && { shard }) };
}
