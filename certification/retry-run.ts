import { parseDevice } from './records/device.ts';
import type { CertifyOptions, RunResult } from './certify-dataset.ts';
import { certifyShards } from './certify-shards.ts';
import { planRetry } from './plan-retry.ts';
import { publishRun } from './publish-run.ts';
import { runKeys } from './records/run-keys.ts';
import { createSampler } from './sampler.ts';
import { openStore } from './storage/open-store.ts';

/**
 * Draws the failed examples of a run again, in this process, and nothing else. Where some come out, the results are
 * published as a new generation beside the one before, of which nothing changes; where none does, that one stays.
 *
 * @param options.out where the run is kept: a folder or a URI.
 * @returns the run with its newest results.
 * @throws PerimeterError with a `code` of perimeter-error.ts: `InvalidRequest` where nothing of the run failed.
 */
export async function retryRun({
  out,
  run,
  ...options
}: CertifyOptions & { out: string; run: string }): Promise<RunResult> {
  const startedAt = new Date().toISOString();
  const store = openStore(out);
  const { plan, generation, shards, examples } = await planRetry(store, run);
  const sampler = createSampler({ device: parseDevice(plan.request.device), processes: options.processes });
  try {
    const cost = await certifyShards({ ...options, sampler, store, plan, generation, shards, examples });
    const metrics = { startedAt, finishedAt: new Date().toISOString(), ...cost };
    const { maxFailedShare } = plan.request;
    const published = await publishRun({
      store,
      plan,
      generation,
      maxFailedShare,
      metrics,
      loadDataset: () => sampler.loadPlannedDataset(store, plan),
    });
    return { run, plan, url: store.url(runKeys.folder(run)), ...published };
  } finally {
    await sampler.close();
  }
}
