import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowHandleWithFirstExecutionRunId,
} from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import {
  decodeOptionalFailureToOptionalError,
  decodeOptionalSinglePayload,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import { errorCodes, PerimeterError, type ErrorCode } from '../certification/perimeter-error.ts';
import type { ShardProgress } from '../certification/draw-shard.ts';
import { requestDigest, type Request } from '../certification/records/request.ts';
import type { Plan } from '../certification/records/plan.ts';
import type { certifyDataset } from '../workflows/certify-dataset.ts';
import { progressQuery, rangeProgressQuery } from '../workflows/messages.ts';
import { scaleWords } from '../certification/report/scale-text.ts';
import type { CertifyDatasetInput, RetryRunInput, RunState, SteeredRun } from '../workflows/types.ts';
import { controlQueue, samplerQueue } from '../workers/queues.ts';
import { lastPart, startLabelled } from './run-labels.ts';

export type RunHandle = Pick<
  WorkflowHandleWithFirstExecutionRunId<typeof certifyDataset>,
  'workflowId' | 'result' | 'query' | 'executeUpdate' | 'cancel' | 'describe'
>;

/** A run's workflow id. */
export function workflowIdOf(run: string): string {
  return `certify/${run}`;
}

/**
 * Starts a run's workflow, or finds it where the same request is under way already.
 *
 * @throws PerimeterError `RunExists` where another request is under way under that run id.
 */
export function startRun(
  client: Client,
  { request, run, heartbeatTimeoutMs }: { request: Request; run: string; heartbeatTimeoutMs?: number },
): Promise<RunHandle> {
  const { mode, model, dataset, out } = request;
  const digest = requestDigest(request);
  return start(client, {
    run,
    request,
    heartbeatTimeoutMs,
    workflow: 'certifyDataset',
    input: (common): CertifyDatasetInput => ({ request, ...common }),
    memo: { requestDigest: digest, out },
    summary: `${mode} ${lastPart(model)} on ${lastPart(dataset)}, ${scaleWords(request)}`,
    isSame: ({ memo }) => memo?.requestDigest === digest,
    otherwise: `Run ${run} is under way with another request: choose another run id.`,
  });
}

/**
 * Starts the workflow that draws a run's failed examples again, or finds it where it is under way already. It has the
 * workflow id of the run.
 *
 * @param options.plan the run's.
 * @param options.out where the run is kept, as a URI.
 * @throws PerimeterError `RunExists` where the run itself is still under way.
 */
export function startRetry(
  client: Client,
  options: { plan: Plan; out: string; concurrency?: number; heartbeatTimeoutMs?: number },
): Promise<RunHandle> {
  const { plan, out, heartbeatTimeoutMs } = options;
  const { run, request } = plan;
  const { model, dataset } = request;
  const concurrency = options.concurrency ?? request.concurrency;
  return start(client, {
    run,
    request,
    heartbeatTimeoutMs,
    workflow: 'retryRun',
    input: (common): RetryRunInput => ({ out, concurrency, ...common }),
    memo: { out },
    summary: `failed examples of ${lastPart(model)} on ${lastPart(dataset)}, ${scaleWords(request)}, again`,
    isSame: ({ type }) => type === 'retryRun',
    otherwise: `Run ${run} is still under way: try its failed examples again when it is over.`,
  });
}

type Common = Pick<SteeredRun, 'run' | 'queues' | 'heartbeatTimeoutMs' | 'searchAttributes'>;

/** Starts a workflow under a run's id, or finds it where it `isSame`; `otherwise` says why it can't be started. */
async function start(
  client: Client,
  {
    run,
    request,
    heartbeatTimeoutMs,
    workflow,
    input,
    memo,
    summary,
    isSame,
    otherwise,
  }: {
    run: string;
    request: Request;
    heartbeatTimeoutMs: number | undefined;
    workflow: string;
    input: (common: Common) => CertifyDatasetInput | RetryRunInput;
    memo: Record<string, string>;
    summary: string;
    isSame: (description: Awaited<ReturnType<RunHandle['describe']>>) => boolean;
    otherwise: string;
  },
): Promise<RunHandle> {
  const workflowId = workflowIdOf(run);
  try {
    return await startLabelled(client, request, (labels) => {
      const common: Common = {
        run,
        queues: { control: controlQueue, sampler: samplerQueue(request.device) },
        ...(heartbeatTimeoutMs !== undefined && { heartbeatTimeoutMs }),
        ...(labels.typedSearchAttributes && { searchAttributes: true }),
      };
      return client.workflow.start(workflow, {
        workflowId,
        taskQueue: controlQueue,
        args: [input(common)],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        memo,
        staticSummary: summary,
        ...labels,
      });
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const handle = client.workflow.getHandle<typeof certifyDataset>(workflowId);
    if (isSame(await handle.describe())) return handle;
    throw new PerimeterError('RunExists', otherwise, { cause: error });
  }
}

/** Temporal's query for the workflows that are runs; by themselves, or together with more conditions. */
export const RUNS = 'WorkflowType IN ("certifyDataset", "retryRun")';
export const RUNS_UNDER_WAY = `${RUNS} AND ExecutionStatus = "Running"`;

/** A run as Temporal lists it. */
export interface ListedRun {
  readonly run: string;
  readonly state: string;
  readonly startedAt: string;
  /** Where it is kept, as it was started with. */
  readonly out: unknown;
}

/** The runs that Temporal knows by one of these queries, the newest first. */
export async function* listRuns(client: Client, query: string): AsyncGenerator<ListedRun, void, undefined> {
  for await (const { workflowId, status, startTime, memo } of client.workflow.list({ query })) {
    yield {
      run: workflowId.slice(workflowIdOf('').length),
      state: status.name.toLowerCase(),
      startedAt: startTime.toISOString(),
      out: memo?.out,
    };
  }
}

/** A run's workflow. @throws PerimeterError `NotFound` where Temporal knows none. */
export async function findRun(client: Client, run: string): Promise<RunHandle> {
  const handle = client.workflow.getHandle<typeof certifyDataset>(workflowIdOf(run));
  try {
    await handle.describe();
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new PerimeterError('NotFound', `Temporal knows no run ${run}: "perimeter status" lists those it knows.`, {
      cause: error,
    });
  }
  return handle;
}

/** Where Temporal knows a run to be kept, as a URI; undefined where it knows no such run. */
export async function placeOf(client: Client, run: string): Promise<string | undefined> {
  try {
    const { memo } = await client.workflow.getHandle(workflowIdOf(run)).describe();
    return typeof memo?.out === 'string' ? memo.out : undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** How far a run has come, its shards under way included. */
export interface RunStatus {
  readonly run: string;
  readonly state: RunState | 'failed' | 'cancelled' | 'terminated';
  readonly url?: string;
  readonly examples: number;
  readonly examplesFinished: number;
  readonly examplesFailed: number;
  readonly shards: number;
  readonly shardsFinished: number;
  readonly shardsFailed: number;
  /** Of at most `samples`: all of finished examples, needed or not, and those drawn of open ones. */
  readonly samplesDone: number;
  readonly samples: number;
  readonly sequential: boolean;
  readonly concurrency: number;
  /** Why a failed run failed. */
  readonly reason?: string;
  /** What tasks that are being retried last failed with. */
  readonly retrying: readonly string[];
  /** Whether these are the run's failed examples alone, which are drawn again. */
  readonly again: boolean;
}

const CLOSED: Partial<Record<string, RunStatus['state']>> = {
  FAILED: 'failed',
  TIMED_OUT: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
};

/** Asks a run and its ranges how far they are; shards under way tell by their heartbeats. */
export async function fetchStatus(client: Client, handle: RunHandle): Promise<RunStatus> {
  const description = await handle.describe();
  const progress = await handle.query(progressQuery);
  const state = CLOSED[description.status.name] ?? progress.state;
  const { plan } = progress;
  const reason = state === 'failed' ? await failureOf(handle, progress.run) : undefined;
  const totals = { finishedShards: 0, failedShards: 0, examples: 0, failedExamples: 0 };
  let inFlight = 0;
  const retrying = await pendingFailures(client, description);
  for (const { workflowId, result } of progress.ranges) {
    const range = client.workflow.getHandle(workflowId);
    const total = result ?? (await range.query(rangeProgressQuery));
    totals.finishedShards += total.finishedShards;
    totals.failedShards += total.failedShards;
    totals.examples += total.examples;
    totals.failedExamples += total.failedExamples;
    if (result !== undefined) continue;
    const described = await range.describe();
    retrying.push(...(await pendingFailures(client, described)));
    for (const { heartbeatDetails } of described.raw.pendingActivities ?? []) {
      const payload = heartbeatDetails?.payloads?.[0];
      const { loadedDataConverter } = client.options;
      const progress = await decodeOptionalSinglePayload<ShardProgress | undefined>(loadedDataConverter, payload);
      inFlight += progress?.drawn ?? 0;
    }
  }
  return {
    run: progress.run,
    state,
    ...(plan && { url: plan.url }),
    examples: plan?.examples ?? 0,
    examplesFinished: totals.examples,
    examplesFailed: totals.failedExamples,
    shards: plan?.shards ?? 0,
    shardsFinished: totals.finishedShards,
    shardsFailed: totals.failedShards,
    samplesDone: totals.examples * (plan?.samplesPerExample ?? 0) + inFlight,
    samples: (plan?.examples ?? 0) * (plan?.samplesPerExample ?? 0),
    sequential: plan?.sequential ?? false,
    concurrency: progress.concurrency,
    ...(reason !== undefined && { reason }),
    retrying: [...new Set(retrying)],
    again: description.type === 'retryRun',
  };
}

async function failureOf(handle: RunHandle, run: string): Promise<string> {
  const failure = await handle.result().then(
    () => undefined,
    (error: unknown) => runFailure(error, run),
  );
  return failure instanceof Error ? failure.message : String(failure);
}

async function pendingFailures(
  client: Client,
  description: Awaited<ReturnType<RunHandle['describe']>>,
): Promise<string[]> {
  const { loadedDataConverter } = client.options;
  const failures = (description.raw.pendingActivities ?? []).map(({ lastFailure }) =>
    decodeOptionalFailureToOptionalError(loadedDataConverter, lastFailure),
  );
  return (await Promise.all(failures)).flatMap((failure) => failure?.message ?? []);
}

/** A workflow's failure as the error that caused it, so that a run fails with the same sentence as in one process. */
export function runFailure(error: unknown, run: string): unknown {
  if (!(error instanceof WorkflowFailedError)) return error;
  let cause: Error | undefined = error.cause;
  while (cause !== undefined) {
    if (cause instanceof CancelledFailure)
      return new PerimeterError('RunCancelled', `Run ${run} was cancelled.`, { cause: error });
    if (cause instanceof ApplicationFailure && isErrorCode(cause.type)) {
      return new PerimeterError(cause.type, cause.message, { cause: error });
    }
    cause = cause.cause instanceof Error ? cause.cause : undefined;
  }
  return error;
}

function isErrorCode(type: string | null | undefined): type is ErrorCode {
  return (errorCodes as readonly (string | null | undefined)[]).includes(type);
}
