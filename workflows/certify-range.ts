import {
  ActivityCancellationType,
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ControlActivities, SamplerActivities } from '../activities/interfaces.ts';
import type { ShardResult } from '../certification/estimate-shard.ts';
import { RETRY } from './connect-activities.ts';
import { rangeProgressQuery, setWindowSignal } from './messages.ts';
import { rootFailure } from './root-failure.ts';
import { priorities, type CertifyRangeInput, type RangeProgress } from './types.ts';

/** A shard whose task takes this many times its estimate is stuck. */
const TIMEOUT_FACTOR = 10;
/** No timeout is shorter: model and dataset have to be read first. */
const MIN_TIMEOUT_S = 1_800;
/** Temporal advises to cut histories at 4,096 events; a few are left for what isn't a shard's. */
const MAX_EVENTS = 4_000;
/** Of three activities, each with the workflow task that it wakes: a shard that fails has most. */
const EVENTS_A_SHARD = 18;
/** A few bytes to the store. */
const RECORD_TIMEOUT = '5m';
/** Errors of one shard, which the others don't share: an example that can't be read. */
const SHARD_FAULTS = ['InvalidDataset'];

/**
 * Certifies the shards `first` to `end`, at most `window` at a time. A shard that can't be read is listed and the rest
 * goes on; any other lasting fault ends the range.
 */
export async function certifyRange(input: CertifyRangeInput): Promise<RangeProgress> {
  const { run, out, plan, generation, end } = input;
  const activities = proxyActivities<SamplerActivities>({
    taskQueue: input.queue,
    startToCloseTimeout: Math.max(MIN_TIMEOUT_S, TIMEOUT_FACTOR * plan.secondsPerShard) * 1_000,
    heartbeatTimeout: input.heartbeatTimeoutMs,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: RETRY,
    priority: { priorityKey: input.priority ?? priorities.interactive, fairnessKey: run.slice(0, 64) },
  });
  // On this workflow's own queue.
  const control = proxyActivities<Pick<ControlActivities, 'recordFailedShard' | 'recordFailedExamples'>>({
    startToCloseTimeout: RECORD_TIMEOUT,
    heartbeatTimeout: input.heartbeatTimeoutMs,
    retry: RETRY,
  });
  let { window } = input;
  const start = input.end - (input.shards?.length ?? 0);
  let next = input.first;
  let fault: Error | undefined;
  const inFlight = new Set<number>();
  const total = { ...(input.carried ?? NOTHING) };

  setHandler(rangeProgressQuery, () => total);
  setHandler(setWindowSignal, (shards) => {
    window = shards;
  });

  const certifyShard = async (shard: number) => {
    const reference = { run, out, shard, ...(generation !== undefined && { generation }) };
    const selected = await activities.selectShard(reference);
    const costs = [];
    let done: Pick<ShardResult, 'examples' | 'failed'>;
    if (selected.status === 'selected') {
      const estimated = await activities.estimateShard(reference, selected.selection);
      costs.push(selected.cost, estimated.cost);
      done = estimated;
    } else done = selected;
    if (done.failed > 0) await control.recordFailedExamples({ run, out, shard });
    total.examples += done.examples;
    total.failedExamples += done.failed;
    for (const { samples, batches, inferenceMs, wallMs } of costs) {
      total.samplesDrawn += samples;
      total.batches += batches;
      total.inferenceMs += inferenceMs;
      total.samplerMs += wallMs;
    }
  };
  /** Written to the store at once, so that nothing that workflows pass on grows with the faults of a run. */
  const setAside = async (shard: number, reason: string) => {
    try {
      await control.recordFailedShard({ run, out, shard, reason });
      total.failedShards++;
      total.finishedShards++;
    } catch (error) {
      if (!isCancellation(error)) fault ??= rootFailure(error);
    }
  };
  const launch = async (shard: number) => {
    inFlight.add(shard);
    try {
      await certifyShard(shard);
      total.finishedShards++;
    } catch (error) {
      if (isCancellation(error)) return;
      const failure = rootFailure(error);
      if (failure instanceof ApplicationFailure && SHARD_FAULTS.includes(failure.type ?? '')) {
        await setAside(shard, failure.message);
      } else fault ??= failure;
    } finally {
      inFlight.delete(shard);
    }
  };

  let full = false;
  /** Whether nothing more is to be begun: of a fault, or because the history would grow too long with what is under way. */
  const draining = () => {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    full ||= continueAsNewSuggested || historyLength + EVENTS_A_SHARD * (inFlight.size + 1) > MAX_EVENTS;
    return fault !== undefined || full;
  };
  const canLaunch = () => !draining() && next < end && inFlight.size < window;
  const settled = () => inFlight.size === 0 && (next >= end || draining());
  const shards = new CancellationScope();
  try {
    while (!settled()) {
      await condition(() => canLaunch() || settled() || fault !== undefined);
      if (fault !== undefined) shards.cancel();
      while (canLaunch()) {
        const at = next++;
        const shard = input.shards?.[at - start] ?? at;
        void shards.run(() => launch(shard));
      }
      if (draining()) await condition(() => inFlight.size === 0);
    }
  } catch (error) {
    // Cancelled: wait until no sampler works for this range any more.
    shards.cancel();
    await CancellationScope.nonCancellable(() => condition(() => inFlight.size === 0));
    throw error;
  }
  if (fault !== undefined) throw fault;
  await condition(allHandlersFinished);
  if (next < end) {
    await continueAsNew<typeof certifyRange>({ ...input, first: next, window, carried: total });
  }
  return total;
}

const NOTHING: RangeProgress = {
  finishedShards: 0,
  examples: 0,
  failedExamples: 0,
  failedShards: 0,
  samplesDrawn: 0,
  batches: 0,
  inferenceMs: 0,
  samplerMs: 0,
};
