import type { AuditAsked } from '../certification/audits/audit-asked.ts';
import type { BegunAudit } from '../certification/audits/begin-audit.ts';
import type { Draft } from '../certification/draft-claim.ts';
import type { ShardResult } from '../certification/estimate-shard.ts';
import type { RunMetrics } from '../certification/publish-run.ts';
import type { FailedShard } from '../certification/read-rows.ts';
import type { Outcome } from '../certification/records/audit.ts';
import type { Notify } from '../certification/records/audit-request.ts';
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
  /** From 2: draws again what failed in the generations before it. */
  readonly generation?: number;
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

/** A plan to draw again what failed of a run. */
export interface RetryOverview extends PlanOverview {
  /** Of the results that it will leave. */
  readonly generation: number;
  /** The shards that hold the failed examples; `shards` and `examples` are the counts of these. */
  readonly failedShards: readonly number[];
  readonly maxFailedShare: number;
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
  planRetry(run: RunReference): Promise<RetryOverview>;
  publishRun(input: PublishInput): Promise<Published>;
  recordFailedShard(failed: RunReference & FailedShard): Promise<void>;
  recordFailedExamples(shard: RunReference & { shard: number }): Promise<void>;
}

export interface PublishInput extends RunReference {
  /** From 2: of results in which failed examples were drawn again. */
  readonly generation?: number;
  readonly maxFailedShare: number;
  readonly metrics: RunMetrics;
}

export interface Published {
  readonly url: string;
  /** Of the newest results: 1, or more where failed examples were drawn again and came out. */
  readonly generation: number;
  readonly examples: number;
  readonly failed: number;
}

/** Activities of audits, on a control worker. */
export interface AuditActivities {
  beginAudit(input: AuditAsked & { out: string; notify: readonly Notify[] }): Promise<AuditBegun>;
  concludeAudit(input: ConcludeInput): Promise<AuditConclusion>;
  indexAudit(audit: AuditReference): Promise<void>;
  notifyOfAudit(input: NotifyInput): Promise<void>;
}

export interface AuditBegun extends BegunAudit {
  readonly requestDigest: string;
}

export interface ConcludeInput {
  readonly out: string;
  readonly asked: AuditAsked;
  readonly begun?: BegunAudit;
  /** Its run, once it was begun. */
  readonly run?: string;
  /** Why it came to nothing. */
  readonly error?: string;
}

export interface AuditConclusion {
  readonly outcome: Outcome;
  readonly reason: string;
  /** Whether it is an earlier audit's, of the same model, data, request and gates. */
  readonly skipped: boolean;
  /** Of its record. */
  readonly url: string;
}

/** Where an audit's record is. */
export interface AuditReference {
  readonly out: string;
  readonly line: string;
  readonly date: string;
}

export interface NotifyInput extends AuditReference {
  readonly notify: Notify;
  /** Its place among those that the line tells, which tells its events apart. */
  readonly number: number;
  /** Where `perimeter serve` is. */
  readonly pages?: string;
}
