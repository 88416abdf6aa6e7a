import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowCancellationType,
  condition,
  isCancellation,
  ParentClosePolicy,
  proxyActivities,
  setHandler,
  startChild,
  workflowInfo,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import type { ControlActivities, PlanOverview, Published, SamplerActivities } from '../activities/interfaces.ts';
import { certifyRange } from './certify-range.ts';
import { pauseUpdate, progressQuery, resumeUpdate, setConcurrencyUpdate, setWindowSignal } from './messages.ts';
import { rootFailure } from './root-failure.ts';
import type { CertifyDatasetInput, RangeProgress, RunState } from './types.ts';

/** Two activities a shard leave about 12 events: far fewer than the 4,096 at which histories should be cut. */
const SHARDS_A_RANGE = 50;
/** A range leaves about 14 events here. Where there would be more ranges, they are larger, and cut their own histories. */
const MAX_RANGES = 250;
/** What the last heartbeats of a range's tasks say is part of its state, which Temporal ends at 8 MB; a heartbeat has up to 90 KB. */
const MAX_WINDOW = 50;
/** Ranges under way at once, unless more are needed: each is one more workflow for the server to keep. */
const RANGES_IN_FLIGHT = 20;
/** More than any fleet that was thought of needs (docs/scale.md). */
const MAX_CONCURRENCY = 2_000;
/** A sampler heartbeats every few seconds; silent for this long, it is dead. */
const HEARTBEAT_TIMEOUT_MS = 60_000;

interface Range {
  readonly workflowId: string;
  readonly first: number;
  readonly end: number;
  /** How many shards it was last told that it may have under way. */
  told: number;
  handle?: ChildWorkflowHandle<typeof certifyRange>;
  result?: RangeProgress;
}

/**
 * Certifies a test set: drafts the claim on a sampler, freezes the plan, certifies the shards in ranges, and publishes
 * the results. Updates pause and resume it and set its concurrency; cancelling it leaves no task under way.
 */
export async function certifyDataset(input: CertifyDatasetInput): Promise<Published> {
  const { request, run, queues } = input;
  const { out } = request;
  const { samplers, control } = connect(input);
  const startedAt = new Date().toISOString();
  const now: { state: RunState; paused: boolean; plan?: PlanOverview; fault?: unknown } = {
    state: 'planning',
    paused: false,
  };
  let concurrency = request.concurrency;
  let ranges: Range[] = [];

  const active = () => ranges.filter(({ handle, result }) => handle !== undefined && result === undefined);
  const rangesInFlight = () =>
    Math.min(Math.max(RANGES_IN_FLIGHT, Math.ceil(concurrency / MAX_WINDOW)), concurrency, ranges.length);
  /** How many shards a range may have under way: the concurrency is shared out over the ranges of this moment. */
  const shareOf = (range: Range) => {
    const waiting = ranges.filter(({ handle }) => handle === undefined);
    // Those with more than others keep it, so that few have to be told.
    const inOrder = [...active().sort((a, b) => b.told - a.told), ...waiting];
    const sharers = inOrder.slice(0, Math.max(active().length, rangesInFlight()));
    const spare = sharers.indexOf(range) < concurrency % sharers.length ? 1 : 0;
    return now.paused ? 0 : Math.min(Math.floor(concurrency / sharers.length) + spare, MAX_WINDOW);
  };
  /** Tells the ranges under way whose share has changed. */
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
  const setPaused = async (value: boolean) => {
    now.paused = value;
    if (now.state === 'running' || now.state === 'paused') now.state = now.paused ? 'paused' : 'running';
    await shareOut();
  };
  const refuseWhenOver = () => {
    if (now.state === 'publishing' || now.state === 'finished')
      throw ApplicationFailure.nonRetryable(`Run ${run} has drawn its samples already.`);
  };
  setHandler(progressQuery, () => ({
    run,
    state: now.state,
    ...(now.plan && { plan: now.plan }),
    concurrency,
    ranges: ranges
      .filter(({ handle }) => handle !== undefined)
      .map(({ workflowId, result }) => ({ workflowId, ...(result && { result }) })),
  }));
  setHandler(pauseUpdate, () => setPaused(true), { validator: refuseWhenOver });
  setHandler(resumeUpdate, () => setPaused(false), { validator: refuseWhenOver });
  setHandler(
    setConcurrencyUpdate,
    async (value) => {
      concurrency = value;
      await shareOut();
    },
    {
      validator: (value) => {
        refuseWhenOver();
        if (Number.isInteger(value) && value >= 1 && value <= MAX_CONCURRENCY) return;
        throw ApplicationFailure.nonRetryable(
          `concurrency is ${String(value)}, but must be a whole number from 1 to ${MAX_CONCURRENCY}.`,
        );
      },
    },
  );

  const draft = await unwrapped(samplers.draftClaim(request));
  const overview = await unwrapped(control.planRun({ request, run, draft }));
  now.plan = overview;
  ranges = overview.finished ? [] : splitIntoRanges(overview.shards);
  now.state = now.paused ? 'paused' : 'running';

  const certify = async (range: Range) => {
    try {
      range.told = shareOf(range);
      range.handle = await startChild(certifyRange, {
        workflowId: range.workflowId,
        args: [
          {
            run,
            out,
            queue: queues.sampler,
            plan: overview,
            first: range.first,
            end: range.end,
            window: range.told,
            heartbeatTimeoutMs: input.heartbeatTimeoutMs ?? HEARTBEAT_TIMEOUT_MS,
          },
        ],
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      });
      await shareOut();
      range.result = await range.handle.result();
      await shareOut();
    } catch (error) {
      now.fault ??= error;
    }
  };
  await CancellationScope.cancellable(async () => {
    const scope = CancellationScope.current();
    const running = new Set<Promise<void>>();
    try {
      for (const range of ranges) {
        await condition(() => running.size < rangesInFlight() || now.fault !== undefined);
        if (now.fault !== undefined) break;
        const started = certify(range).finally(() => running.delete(started));
        running.add(started);
      }
      await condition(() => running.size === 0 || now.fault !== undefined);
    } catch (error) {
      now.fault ??= error;
    }
    if (now.fault === undefined) return;
    // No sampler may go on working for a run that is over.
    scope.cancel();
    await CancellationScope.nonCancellable(() => Promise.all(running));
    throw rootFailure(now.fault);
  });

  await condition(() => !now.paused);
  now.state = 'publishing';
  const published = await unwrapped(
    control.publishRun({
      run,
      out,
      maxFailedShare: request.maxFailedShare,
      metrics: {
        startedAt,
        finishedAt: new Date().toISOString(),
        samplesDrawn: sum(ranges, ({ samplesDrawn }) => samplesDrawn),
        batches: sum(ranges, ({ batches }) => batches),
        inferenceSeconds: sum(ranges, ({ inferenceMs }) => inferenceMs) / 1_000,
        samplerSeconds: sum(ranges, ({ samplerMs }) => samplerMs) / 1_000,
      },
    }),
  );
  now.state = 'finished';
  await condition(allHandlersFinished);
  return published;
}

function connect({ queues, run, heartbeatTimeoutMs }: CertifyDatasetInput) {
  const retry = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' } as const;
  const samplers = proxyActivities<SamplerActivities>({
    taskQueue: queues.sampler,
    // Reading a model and a dataset, and a second of calibration.
    startToCloseTimeout: '1h',
    heartbeatTimeout: heartbeatTimeoutMs ?? HEARTBEAT_TIMEOUT_MS,
    retry,
    // A plan holds up its whole run and takes seconds: before the shards of others.
    priority: { priorityKey: 1, fairnessKey: run.slice(0, 64) },
  });
  const control = proxyActivities<ControlActivities>({
    taskQueue: queues.control,
    startToCloseTimeout: '1h',
    heartbeatTimeout: heartbeatTimeoutMs ?? HEARTBEAT_TIMEOUT_MS,
    retry,
  });
  return { samplers, control };
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

function sum(ranges: readonly Range[], of: (result: RangeProgress) => number): number {
  return ranges.reduce((total, { result }) => total + (result ? of(result) : 0), 0);
}

/** A range that has just closed can't be told anything, and needn't. */
function ignoreClosed(error: unknown) {
  if (isCancellation(error)) throw error;
}

/** The failure as its activity threw it, so that the run's failure is one sentence. */
async function unwrapped<T>(activity: Promise<T>): Promise<T> {
  try {
    return await activity;
  } catch (error) {
    throw rootFailure(error);
  }
}
