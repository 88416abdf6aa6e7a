import type { Draft } from '../certification/draft-claim.ts';
import type { ShardResult } from '../certification/estimate-shard.ts';
import type { RunMetrics } from '../certification/publish-run.ts';
import type { FailedShard } from '../certification/read-rows.ts';
import type { Request } from '../certification/records/request.ts';
import type { Selection } from '../certification/select-examples.ts';
import type { SelectionResult } from '../certification/select-shard.ts';

/** Where a run is kept: all that an activity needs to find its plan. */
export interface RunReference {
  readonly out: string;
  readonly run: string;
}

export interface ShardReference extends RunReference {
  readonly shard: number;
}

/** What a workflow knows of a plan: how much there is, and how long it should take. */
export interface PlanOverview {
  readonly url: string;
  /** Whether the run is in the store, whole, already. */
  readonly finished: boolean;
  readonly claimDigest: string;
  readonly examples: number;
  readonly shardSize: number;
  readonly shards: number;
  readonly samplesPerExample: number;
  /** Whether examples may need fewer samples than that. */
  readonly sequential: boolean;
  readonly secondsPerShard: number;
}

/** Activities of a sampler, on the queue of its device. */
export interface SamplerActivities {
  draftClaim(request: Request): Promise<Draft>;
  selectShard(shard: ShardReference): Promise<SelectionResult>;
  estimateShard(shard: ShardReference, selection: Selection): Promise<ShardResult>;
}

/** Activities of a control worker, which needs no device. */
export interface ControlActivities {
  planRun(input: { request: Request; run: string; draft: Draft }): Promise<PlanOverview>;
  publishRun(input: PublishInput): Promise<Published>;
  recordFailedShard(failed: RunReference & FailedShard): Promise<void>;
}

export interface PublishInput extends RunReference {
  readonly maxFailedShare: number;
  readonly metrics: RunMetrics;
}

export interface Published {
  readonly url: string;
  readonly examples: number;
  readonly failed: number;
}
