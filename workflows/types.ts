import type { PlanOverview, RunReference } from '../activities/interfaces.ts';
import type { AuditAsked } from '../certification/audits/audit-asked.ts';
import type { Notify } from '../certification/records/audit-request.ts';
import type { Request } from '../certification/records/request.ts';

/** A sampler heartbeats every few seconds; silent for this long, it is dead. */
export const HEARTBEAT_TIMEOUT_MS = 60_000;

/** What every workflow that is a run is told. */
export interface SteeredRun extends RunReference {
  readonly queues: { readonly control: string; readonly sampler: string };
  /** Most shards under way at once, at first. */
  readonly concurrency: number;
  /** A sampler that is silent for this long is taken for dead. */
  readonly heartbeatTimeoutMs?: number;
  /** Whether the server knows the search attributes of runs. */
  readonly searchAttributes?: boolean;
  /** Of its shards among those of other runs (`priorities`). */
  readonly priority?: number;
}

/** Temporal gives out tasks of a lower number first. */
export const priorities = { plan: 1, interactive: 2, nightly: 4 } as const;

export interface CertifyDatasetInput extends Omit<SteeredRun, 'out' | 'concurrency'> {
  readonly request: Request;
}

export type RetryRunInput = SteeredRun;

/** A line's audit: when it is due says the schedule that starts it. */
export interface AuditModelInput
  extends Omit<AuditAsked, 'date'>, Pick<SteeredRun, 'out' | 'queues' | 'heartbeatTimeoutMs' | 'searchAttributes'> {
  readonly notify: readonly Notify[];
  /** How long its run may take. */
  readonly withinMs?: number;
  /** Where `perimeter serve` is, for links. */
  readonly pages?: string;
}

/** What a run certifies. */
export interface ShardsOfRun {
  readonly plan: PlanOverview;
  /** All up to this number, or those listed. */
  readonly shards: number | readonly number[];
  /** From 2: draws again what failed in the generations before it. */
  readonly generation?: number;
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
  /** First shard, and the one after the last; where shards are listed, the places of these in the run's list. */
  readonly first: number;
  readonly end: number;
  readonly shards?: readonly number[];
  readonly generation?: number;
  /** Most shards under way at once, at first; the run tells when it changes. */
  readonly window: number;
  readonly heartbeatTimeoutMs: number;
  readonly priority?: number;
  /** What the executions before this one finished, where the history was cut. */
  readonly carried?: RangeProgress;
}
