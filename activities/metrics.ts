import type { MetricMeter } from '@temporalio/common';
import { errorCodes } from '../certification/perimeter-error.ts';
import { outcomeSchema } from '../certification/records/audit.ts';
import type { Sampler } from '../certification/sampler.ts';

export const shardPhases = ['selection', 'estimation'] as const;
export type ShardPhase = (typeof shardPhases)[number];

/** How an attempt at a shard's selection or estimation ends. */
const attemptOutcomes = ['finished', 'failed', 'handed_over', 'cancelled'] as const;
export type AttemptOutcome = (typeof attemptOutcomes)[number];

const exampleStatuses = ['certified', 'predicted', 'abstained', 'skipped', 'failed'] as const;
export type ExampleStatus = (typeof exampleStatuses)[number];

/** How an audit ends; `skipped` where it is an earlier one's again. */
const auditOutcomes = [...outcomeSchema.options, 'skipped'] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

/** Types of failure that aren't a PerimeterError's code; anything else is a bug of some kind. */
const OTHER_FAILURES = ['WorkerShutdown', 'WebhookFailed', 'Other'] as const;
export type FailureType = (typeof errorCodes)[number] | (typeof OTHER_FAILURES)[number];
export const failureTypes: readonly FailureType[] = [...errorCodes, ...OTHER_FAILURES];

/** What a process counts of its own, beside what the Temporal SDK counts. docs/operations.md says what each means. */
export interface Metrics {
  /** A request to a model process was answered. */
  drawn(request: { phase: ShardPhase | 'probe'; samples: number; slots: number; inferenceSeconds: number }): void;
  /** An example's row was written. */
  example(status: ExampleStatus): void;
  attempted(phase: ShardPhase, outcome: AttemptOutcome): void;
  retried(phase: ShardPhase): void;
  failed(type: FailureType): void;
  /** A shard that can't be read was set aside. */
  setAside(): void;
  /** An audit was put down. */
  audited(outcome: AuditOutcome): void;
}

/** A request to a model process is made to last about 0.3 s; a slow model's single batch may take far longer. */
export const INFERENCE_BUCKETS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30];

/**
 * Makes the metrics. Those of the given roles are there at zero from the start, so that a first failure is an increase.
 *
 * @param meter the process's; names here lack the `_total` and `_seconds` that it adds.
 * @param sampler what is told of the sampler, where the process has one.
 */
export function createMetrics({
  meter,
  control,
  sampler,
}: {
  meter: MetricMeter;
  control: boolean;
  sampler?: Pick<Sampler, 'device' | 'processes'> | undefined;
}): Metrics {
  const failures = meter.createCounter(
    'perimeter_failures',
    '',
    'Attempts at activities that failed, by the type of failure.',
  );
  for (const type of failureTypes) failures.add(0, { type });
  const failedShards = meter.createCounter(
    'perimeter_failed_shards',
    '',
    'Shards set aside because they cannot be read.',
  );
  const audits = meter.createCounter('perimeter_audits', '', 'Audits that were put down, by outcome.');
  if (control) {
    failedShards.add(0);
    for (const outcome of auditOutcomes) audits.add(0, { outcome });
  }

  const device = sampler?.device.kind ?? '';
  const samples = meter.createCounter('perimeter_samples', '', 'Noisy samples classified.');
  const slots = meter.createCounter('perimeter_batch_slots', '', 'Rows of the batches run, filled or padded.');
  const inference = meter.createHistogram(
    'perimeter_inference',
    'float',
    'seconds',
    "Time inside the model's own run, one observation a request to a model process.",
  );
  const examples = meter.createCounter('perimeter_examples', '', 'Examples whose rows were written, by status.');
  const attempts = meter.createCounter('perimeter_shard_attempts', '', 'Attempts at shards that ended, by outcome.');
  const retries = meter.createCounter('perimeter_shard_retries', '', 'Attempts at shards that were not the first.');
  if (sampler !== undefined) {
    meter
      .createGauge('perimeter_model_processes', 'int', '', 'Model processes that the sampler keeps busy.')
      .set(sampler.processes, { device });
    for (const status of exampleStatuses) examples.add(0, { status });
    for (const phase of shardPhases) {
      samples.add(0, { device, phase });
      slots.add(0, { device, phase });
      retries.add(0, { phase });
      for (const outcome of attemptOutcomes) attempts.add(0, { phase, outcome });
    }
  }
  return {
    drawn: (request) => {
      const tags = { device, phase: request.phase };
      samples.add(request.samples, tags);
      slots.add(request.slots, tags);
      inference.record(request.inferenceSeconds, tags);
    },
    example: (status) => {
      examples.add(1, { status });
    },
    attempted: (phase, outcome) => {
      attempts.add(1, { phase, outcome });
    },
    retried: (phase) => {
      retries.add(1, { phase });
    },
    failed: (type) => {
      failures.add(1, { type });
    },
    setAside: () => {
      failedShards.add(1);
    },
    audited: (outcome) => {
      audits.add(1, { outcome });
    },
  };
}
