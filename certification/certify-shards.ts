import type { ShardProgress } from './draw-shard.ts';
import { estimateShard } from './estimate-shard.ts';
import { recordFailedExamples, recordFailedShard } from './failed-shards.ts';
import { PerimeterError } from './perimeter-error.ts';
import type { RunMetrics } from './publish-run.ts';
import { samplesPerExample, type Plan } from './records/plan.ts';
import type { Sampler } from './sampler.ts';
import { selectShard } from './select-shard.ts';
import type { ShardTask } from './shard-task.ts';
import type { Store } from './storage/store.ts';

/** How far a run in this process has come. */
export interface LocalProgress {
  readonly plan: Plan;
  /** Examples whose rows are in the store, and the share of those under way. */
  readonly examples: number;
  /** Of so many: all of the claim's, or those that are drawn again. */
  readonly of: number;
  readonly failedExamples: number;
}

/**
 * Certifies shards of a plan in this process, one after another. A shard that can't be read is put down, and the rest
 * goes on.
 *
 * @param options.examples how many they hold that are to be drawn.
 * @returns what it cost.
 */
export async function certifyShards(options: {
  sampler: Sampler;
  store: Store;
  plan: Plan;
  generation?: number;
  shards: readonly number[];
  examples: number;
  signal?: AbortSignal;
  onProgress?: (progress: LocalProgress) => void;
}): Promise<Omit<RunMetrics, 'startedAt' | 'finishedAt'>> {
  const { sampler, store, plan, generation, shards, signal } = options;
  const spent = { samplesDrawn: 0, batches: 0, inferenceSeconds: 0, samplerSeconds: 0 };
  let examples = 0;
  let failedExamples = 0;
  for (const shard of shards) {
    const follow = (partial: number) =>
      options.onProgress?.({ plan, examples: examples + partial, of: options.examples, failedExamples });
    follow(0);
    try {
      const result = await certifyShard({ sampler, store, plan, shard, generation, signal }, follow);
      examples += result.examples;
      failedExamples += result.failed;
      spent.samplesDrawn += result.samples;
      spent.batches += result.batches;
      spent.inferenceSeconds += result.inferenceMs / 1_000;
      spent.samplerSeconds += result.wallMs / 1_000;
      if (result.failed > 0) await recordFailedExamples(store, plan.run, shard);
    } catch (error) {
      if (!(error instanceof PerimeterError) || error.code !== 'InvalidDataset') throw error;
      await recordFailedShard(store, plan.run, { shard, reason: error.message });
    }
  }
  return spent;
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
  if (selected.status === 'certified') return { ...spent, ...selected };
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
