import type { PlanOverview, RunReference } from '../activities/interfaces.ts';
import type { Request } from '../certification/records/request.ts';

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
  /** How many; which, and why, is in the store. */
  readonly failedShards: number;
  readonly samplesDrawn: number;
  readonly batches: number;
  readonly inferenceMs: number;
  readonly samplerMs: number;
}

export interface CertifyRangeInput extends RunReference {
  readonly queue: string;
  readonly plan: PlanOverview;
  /** First shard, and the one after the last. */
  readonly first: number;
  readonly end: number;
  /** Most shards under way at once, at first; the run tells when it changes. */
  readonly window: number;
  readonly heartbeatTimeoutMs: number;
  /** What the executions before this one finished, where the history was cut. */
  readonly carried?: RangeProgress;
}
