import type { DrawMetrics } from './classifier/draw-counts.ts';
import type { ShardProgress } from './draw-shard.ts';
import { claimNoiseKey } from './claim-noise-key.ts';
import { readExamples } from './read-examples.ts';
import { claimedIndex, mixesExamples } from './records/claim.ts';
import type { Plan } from './records/plan.ts';
import { openPlan, type Sampler } from './sampler.ts';
import type { Store } from './storage/store.ts';

/** One shard of a plan, for one sampler, and how an attempt at it is followed. */
export interface ShardTask {
  readonly sampler: Sampler;
  readonly store: Store;
  readonly plan: Plan;
  readonly shard: number;
  /** From 2: draws again what failed in the generations before it, and nothing else. */
  readonly generation?: number | undefined;
  readonly previous?: ShardProgress | undefined;
  readonly onProgress?: (progress: () => ShardProgress) => void;
  readonly settle?: () => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/** What an attempt cost. */
export interface ShardCost extends DrawMetrics {
  /** From the attempt's start, with the model at hand, to its end. */
  readonly wallMs: number;
}

/**
 * Opens what a shard's task needs: the model processes, the key of the noise, and examples on their lattice.
 *
 * @param positions of the examples, in the claim's order.
 */
export async function openShard({ sampler, store, plan }: ShardTask, positions: readonly number[]) {
  const { claim } = plan;
  const { pool, dataset } = await openPlan(sampler, store, plan);
  const indices = positions.map((position) => claimedIndex(claim, position));
  const examples = await readExamples(dataset, indices, claim.noise);
  return { pool, examples, key: claimNoiseKey(claim), mixed: mixesExamples(claim) };
}
