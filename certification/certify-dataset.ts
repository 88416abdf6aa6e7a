import { parseDevice } from './records/device.ts';
import { certifyShards, type LocalProgress } from './certify-shards.ts';
import { draftClaim } from './draft-claim.ts';
import { latestGeneration } from './generations.ts';
import { planRun } from './plan-run.ts';
import { publishRun } from './publish-run.ts';
import { readSummary } from './read-summary.ts';
import { newRunId } from './records/new-run-id.ts';
import { parseRequest } from './records/parse-request.ts';
import type { Plan } from './records/plan.ts';
import type { RequestInput } from './records/request.ts';
import { runKeys } from './records/run-keys.ts';
import type { AnySummary } from './records/summary.ts';
import { createSampler } from './sampler.ts';
import { openStore } from './storage/open-store.ts';

export interface RunResult {
  readonly run: string;
  readonly plan: Plan;
  readonly summary: AnySummary;
  /** Of the results: 1, or more where failed examples were drawn again. */
  readonly generation: number;
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
  const sampler = createSampler({ device: parseDevice(request.device), processes: options.processes });
  try {
    const store = openStore(request.out);
    const draft = await draftClaim(sampler, request);
    const plan = await planRun({ store, request, run, draft, now: startedAt });
    const url = store.url(runKeys.folder(run));
    const generation = await latestGeneration(store, run);
    if (generation !== undefined) {
      const { summary } = await readSummary(store, run, generation);
      return { run, plan, url, summary, generation };
    }
    const { shards } = plan.execution;
    const cost = await certifyShards({
      ...options,
      sampler,
      store,
      plan,
      shards: Array.from({ length: shards }, (_, shard) => shard),
      examples: plan.claim.dataset.count,
    });
    const metrics = { startedAt: startedAt.toISOString(), finishedAt: new Date().toISOString(), ...cost };
    const published = await publishRun({
      store,
      plan,
      maxFailedShare: request.maxFailedShare,
      metrics,
      loadDataset: () => sampler.loadPlannedDataset(store, plan),
    });
    return { run, plan, url, ...published };
  } finally {
    await sampler.close();
  }
}
