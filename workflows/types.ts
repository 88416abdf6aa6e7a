import type { Draft } from '../certification/draft-claim.ts';
import type { RunMetrics } from '../certification/publish-run.ts';
import type { FailedShard } from '../certification/read-rows.ts';
import type { Request } from '../certification/records/request.ts';
import type { Selection, SelectionResult } from '../certification/select-shard.ts';
import type { ShardResult } from '../certification/estimate-shard.ts';

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
  readonly claimDigest: string;
  readonly examples: number;
  readonly shardSize: number;
  readonly shards: number;
  readonly samplesPerExample: number;
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
  publishRun(input: RunReference & { failedShards: readonly FailedShard[]; metrics: RunMetrics }): Promise<Published>;
}

export interface Published {
  readonly url: string;
  readonly examples: number;
  readonly failed: number;
}

export interface CertifyDatasetInput {
  readonly request: Request;
  readonly run: string;
  readonly queues: { readonly control: string; readonly sampler: string };
  /** A sampler that is silent for this long is taken for dead. */
  readonly heartbeatTimeoutMs?: number;
}

export type RunState = 'planning' | 'running' | 'paused' | 'publishing' | 'finished';

/** The answer to `progressQuery`; a range under way answers for itself. */
export interface RunProgress {
  readonly run: string;
  readonly state: RunState;
  readonly plan?: PlanOverview;
  readonly concurrency: number;
  readonly ranges: readonly { readonly workflowId: string; readonly result?: RangeProgress }[];
}

/** What a range's finished shards add up to. */
export interface RangeProgress {
  readonly finishedShards: number;
  readonly examples: number;
  readonly failedExamples: number;
  readonly failedShards: readonly FailedShard[];
  readonly samplesDrawn: number;
  readonly inferenceMs: number;
  readonly samplerMs: number;
}

export interface CertifyRangeInput extends RunReference {
  readonly queue: string;
  readonly plan: PlanOverview;
  /** First shard, and the one after the last. */
  readonly first: number;
  readonly end: number;
  /** Most shards under way at once. */
  readonly window: number;
  readonly paused: boolean;
  readonly heartbeatTimeoutMs: number;
  /** What the executions before this one finished, where the history was cut. */
  readonly carried?: RangeProgress;
}
