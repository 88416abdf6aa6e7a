import { availableParallelism } from 'node:os';
import { draftClaim } from './draft-claim.ts';
import type { ShardProgress } from './draw-shard.ts';
import { estimateShard } from './estimate-shard.ts';
import { recordFailedShard } from './failed-shards.ts';
import { PerimeterError } from './perimeter-error.ts';
import { planRun } from './plan-run.ts';
import { publishRun, type RunMetrics } from './publish-run.ts';
import { readSummary } from './read-summary.ts';
import { newRunId } from './records/new-run-id.ts';
import { samplesPerExample, shardPositions, type Plan } from './records/plan.ts';
import { parseRequest } from './records/parse-request.ts';
import type { RequestInput } from './records/request.ts';
import { runKeys } from './records/run-keys.ts';
import type { AnySummary } from './records/summary.ts';
import { createSampler } from './sampler.ts';
import { selectShard } from './select-shard.ts';
import type { ShardTask } from './shard-task.ts';
import { openStore } from './storage/open-store.ts';

/** How far a run in this process has come. */
export interface LocalProgress {
  readonly plan: Plan;
  /** Examples whose rows are in the store, and the share of those under way. */
  readonly examples: number;
  readonly failedExamples: number;
}

export interface RunResult {
  readonly run: string;
  readonly plan: Plan;
  readonly summary: AnySummary;
  /** Where the run's files are. */
  readonly url: string;
}

export interface CertifyOptions {
  /** Model processes; as many as there are cores where left out. */
  readonly processes?: number;
  readonly onProgress?: (progress: LocalProgress) => void;
  /** Stops after the piece under way; the run goes on where it was when it is asked for again with the same `run`. */
  readonly signal?: AbortSignal;
}

/**
 * Certifies a test set in this process: the same work as the `certifyDataset` workflow, and the same bytes.
 *
 * @param input the request: model, dataset, sigma, … (docs/request.schema.json).
 * @returns the run's id, plan, summary and where its files are, once its manifest is written.
 * @throws PerimeterError with a `code` of perimeter-error.ts.
 */
export async function certifyDataset(input: RequestInput, options: CertifyOptions = {}): Promise<RunResult> {
  const request = parseRequest(input, 'the request');
  const startedAt = new Date();
  const run = request.run ?? newRunId(startedAt);
  const sampler = createSampler({ processes: options.processes ?? availableParallelism() });
  try {
    const store = openStore(request.out);
    const draft = await draftClaim(sampler, request);
    const plan = await planRun({ store, request, run, draft, now: startedAt });
    const finished = (summary: AnySummary) => ({ run, plan, summary, url: store.url(runKeys.folder(run)) });
    if (await store.has(runKeys.manifest(run))) return finished((await readSummary(store, run)).summary);
    const spent = { samplesDrawn: 0, batches: 0, inferenceSeconds: 0, samplerSeconds: 0 };
    let examples = 0;
    let failedExamples = 0;
    for (let shard = 0; shard < plan.execution.shards; shard++) {
      const follow = (partial: number) => options.onProgress?.({ plan, examples: examples + partial, failedExamples });
      follow(0);
      try {
        const result = await certifyShard({ sampler, store, plan, shard, signal: options.signal }, follow);
        examples += result.examples;
        failedExamples += result.failed;
        spent.samplesDrawn += result.samples;
        spent.batches += result.batches;
        spent.inferenceSeconds += result.inferenceMs / 1_000;
        spent.samplerSeconds += result.wallMs / 1_000;
      } catch (error) {
        if (!(error instanceof PerimeterError) || error.code !== 'InvalidDataset') throw error;
        await recordFailedShard(store, run, { shard, reason: error.message });
      }
    }
    const metrics: RunMetrics = { startedAt: startedAt.toISOString(), finishedAt: new Date().toISOString(), ...spent };
    const { maxFailedShare } = request;
    return finished(await publishRun({ store, plan, maxFailedShare, metrics }));
  } finally {
    await sampler.close();
  }
}

/** Selection and estimation of one shard, tried again where the model's process dies. */
async function certifyShard(task: ShardTask, follow: (examples: number) => void) {
  const spent = { samples: 0, batches: 0, inferenceMs: 0, wallMs: 0 };
  const add = (cost: typeof spent) => {
    spent.samples += cost.samples;
    spent.batches += cost.batches;
    spent.inferenceMs += cost.inferenceMs;
    spent.wallMs += cost.wallMs;
  };
  const { sampling } = task.plan.claim;
  const perExample = samplesPerExample(sampling);
  const selected = await withRetries((previous, remember) =>
    selectShard({
      ...task,
      previous,
      onProgress: (progress) => {
        follow(remember(progress).drawn / perExample);
      },
    }),
  );
  const { first, end } = shardPositions(task.plan, task.shard);
  if (selected.status === 'certified') return { ...spent, examples: end - first, failed: 0 };
  add(selected.cost);
  const estimated = await withRetries((previous, remember) =>
    estimateShard({
      ...task,
      selection: selected.selection,
      previous,
      onProgress: (progress) => {
        follow((selected.cost.samples + remember(progress).drawn) / perExample);
      },
    }),
  );
  add(estimated.cost);
  return { ...spent, examples: estimated.examples, failed: estimated.failed };
}

/** Goes on from the last progress where the model's process died; drawShard gives up the example at fault in time. */
async function withRetries<T>(
  attempt: (
    previous: ShardProgress | undefined,
    remember: (progress: () => ShardProgress) => ShardProgress,
  ) => Promise<T>,
): Promise<T> {
  let last: ShardProgress | undefined;
  for (;;) {
    let latest: (() => ShardProgress) | undefined;
    try {
      return await attempt(last, (progress) => {
        latest = progress;
        return progress();
      });
    } catch (error) {
      // Without progress to go on from, the model died before a sample was asked for: trying again would change nothing.
      if (!(error instanceof PerimeterError) || error.code !== 'ModelProcessFailed' || latest === undefined)
        throw error;
      last = latest();
    }
  }
}
