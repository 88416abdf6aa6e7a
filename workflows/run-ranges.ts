import {
  CancellationScope,
  ChildWorkflowCancellationType,
  condition,
  isCancellation,
  ParentClosePolicy,
  startChild,
  workflowInfo,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import type { RunMetrics } from '../certification/publish-run.ts';
import { certifyRange } from './certify-range.ts';
import { setWindowSignal } from './messages.ts';
import { rootFailure } from './root-failure.ts';
import {
  HEARTBEAT_TIMEOUT_MS,
  type RangeProgress,
  type RunProgress,
  type ShardsOfRun,
  type SteeredRun,
} from './types.ts';

/** Two activities a shard leave about 12 events: far fewer than the 4,096 at which histories should be cut. */
const SHARDS_A_RANGE = 50;
/** A range leaves about 14 events here. Where there would be more ranges, they are larger, and cut their own histories. */
const MAX_RANGES = 250;
/** What the last heartbeats of a range's tasks say is part of its state, which Temporal ends at 8 MB; a heartbeat has up to 90 KB. */
const MAX_WINDOW = 50;
/** Ranges under way at once, unless more are needed: each is one more workflow for the server to keep. */
const RANGES_IN_FLIGHT = 20;

interface Range {
  readonly workflowId: string;
  readonly first: number;
  readonly end: number;
  /** How many shards it was last told that it may have under way. */
  told: number;
  handle?: ChildWorkflowHandle<typeof certifyRange>;
  result?: RangeProgress;
}

export interface Ranges {
  /** Certifies all; cancelled, or where one fails, it ends when no sampler works for the run any more. */
  finish(): Promise<void>;
  /** Tells the ranges under way whose share has changed: when the concurrency has. */
  shareOut(): Promise<void>;
  progress(): RunProgress['ranges'];
  /** What the finished ones cost. */
  cost(): Omit<RunMetrics, 'startedAt' | 'finishedAt'>;
}

/** The ranges of a run, child workflows that share its concurrency; `concurrency()` is that of the moment, 0 while paused. */
export function runRanges(
  input: Omit<SteeredRun, 'concurrency'> & ShardsOfRun & { readonly concurrency: () => number },
): Ranges {
  const { run, out, queues, plan, generation, heartbeatTimeoutMs = HEARTBEAT_TIMEOUT_MS, priority } = input;
  const listed = typeof input.shards === 'number' ? undefined : input.shards;
  const ranges = splitIntoRanges(typeof input.shards === 'number' ? input.shards : input.shards.length);
  let fault: unknown;

  const active = () => ranges.filter(({ handle, result }) => handle !== undefined && result === undefined);
  const inFlight = (concurrency: number) =>
    Math.min(Math.max(RANGES_IN_FLIGHT, Math.ceil(concurrency / MAX_WINDOW)), Math.max(1, concurrency), ranges.length);
  /** How many shards a range may have under way: the concurrency is shared out over the ranges of this moment. */
  const shareOf = (range: Range) => {
    const concurrency = input.concurrency();
    const waiting = ranges.filter(({ handle }) => handle === undefined);
    // Those with more than others keep it, so that few have to be told.
    const inOrder = [...active().sort((a, b) => b.told - a.told), ...waiting];
    const sharers = inOrder.slice(0, Math.max(active().length, inFlight(concurrency)));
    const spare = sharers.indexOf(range) < concurrency % sharers.length ? 1 : 0;
    return Math.min(Math.floor(concurrency / sharers.length) + spare, MAX_WINDOW);
  };
  const shareOut = async () => {
    const shares = active().map((range) => ({ range, share: shareOf(range) }));
    const changed = shares.filter(({ range, share }) => range.told !== share);
    await Promise.all(
      changed.map(async ({ range, share }) => {
        range.told = share;
        await range.handle?.signal(setWindowSignal, share).catch(ignoreClosed);
      }),
    );
  };
  const certify = async (range: Range) => {
    const { first, end, workflowId } = range;
    try {
      range.told = shareOf(range);
      range.handle = await startChild(certifyRange, {
        workflowId,
        args: [
          {
            run,
            out,
            queue: queues.sampler,
            plan,
            first,
            end,
            ...(listed && { shards: listed.slice(first, end) }),
            ...(generation !== undefined && { generation }),
            window: range.told,
            heartbeatTimeoutMs,
            ...(priority !== undefined && { priority }),
          },
        ],
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
        staticSummary: listed
          ? `${end - first} shards of run ${run}, again`
          : `shards ${first} to ${end - 1} of run ${run}`,
      });
      await shareOut();
      range.result = await range.handle.result();
      await shareOut();
    } catch (error) {
      fault ??= error;
    }
  };
  const finish = () =>
    CancellationScope.cancellable(async () => {
      const scope = CancellationScope.current();
      const running = new Set<Promise<void>>();
      try {
        for (const range of ranges) {
          await condition(() => running.size < inFlight(input.concurrency()) || fault !== undefined);
          if (fault !== undefined) break;
          const started = certify(range).finally(() => running.delete(started));
          running.add(started);
        }
        await condition(() => running.size === 0 || fault !== undefined);
      } catch (error) {
        fault ??= error;
      }
      if (fault === undefined) return;
      // No sampler may go on working for a run that is over.
      scope.cancel();
      await CancellationScope.nonCancellable(() => Promise.all(running));
      throw rootFailure(fault);
    });
  const sum = (of: (result: RangeProgress) => number) =>
    ranges.reduce((total, { result }) => total + (result ? of(result) : 0), 0);
  return {
    finish,
    shareOut,
    progress: () =>
      ranges
        .filter(({ handle }) => handle !== undefined)
        .map(({ workflowId, result }) => ({ workflowId, ...(result && { result }) })),
    cost: () => ({
      samplesDrawn: sum(({ samplesDrawn }) => samplesDrawn),
      batches: sum(({ batches }) => batches),
      inferenceSeconds: sum(({ inferenceMs }) => inferenceMs) / 1_000,
      samplerSeconds: sum(({ samplerMs }) => samplerMs) / 1_000,
    }),
  };
}

function splitIntoRanges(shards: number): Range[] {
  const { workflowId } = workflowInfo();
  const size = Math.max(SHARDS_A_RANGE, Math.ceil(shards / MAX_RANGES));
  return Array.from({ length: Math.ceil(shards / size) }, (_, at) => ({
    workflowId: `${workflowId}/range-${at}`,
    told: 0,
    first: at * size,
    end: Math.min((at + 1) * size, shards),
  }));
}

/** A range that has just closed can't be told anything, and needn't. */
function ignoreClosed(error: unknown) {
  if (isCancellation(error)) throw error;
}
