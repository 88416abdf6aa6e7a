import { recordBytes } from '../../certification/records/canonical-json.ts';
import type { Row } from '../../certification/records/certificate.ts';
import { claimDigest, type Claim } from '../../certification/records/claim.ts';
import { shardPositions, type Plan } from '../../certification/records/plan.ts';
import { parseRequest } from '../../certification/records/parse-request.ts';
import type { RequestInput } from '../../certification/records/request.ts';
import { runKeys } from '../../certification/records/run-keys.ts';
import { putRows } from '../../certification/put-rows.ts';
import type { RunMetrics } from '../../certification/publish-run.ts';
import type { Store } from '../../certification/storage/store.ts';

export const metrics: RunMetrics = {
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: '2026-01-01T01:00:00.000Z',
  samplesDrawn: 1,
  batches: 1,
  inferenceSeconds: 1,
  samplerSeconds: 1,
};

/** A plan for a claim that nothing draws samples for: of feature vectors, so that its page shows no image either. */
export function syntheticPlan(images: Claim, shardSize: number, request: Partial<RequestInput> = {}): Plan {
  const size = images.model.shape.reduce((product, side) => product * side, 1);
  const claim: Claim = { ...images, model: { ...images.model, layout: 'features', shape: [size] } };
  const input = { model: 'model.onnx', dataset: 'images.npz', sigma: claim.noise.sigma, out: '.', ...request };
  return {
    run: 'synthetic',
    request: parseRequest(input, 'the request'),
    claim,
    claimDigest: claimDigest(claim),
    seed: { source: 'given' },
    execution: {
      shardSize,
      shards: Math.ceil(claim.dataset.count / shardSize),
      samplesPerSecond: 1,
      createdAt: '2026-01-01T00:00:00.000Z',
    },
  };
}

/**
 * Puts what a run of a plan has in its store before it is published.
 *
 * @param rowAt the row at a position of the claim's order; its index is set.
 * @param missing shards that are left out.
 */
export async function putSyntheticRun(options: {
  store: Store;
  plan: Plan;
  rowAt: (position: number) => Row;
  missing?: readonly number[];
}): Promise<void> {
  const { store, plan, rowAt, missing = [] } = options;
  await store.putIfAbsent(runKeys.commitment(plan.run), recordBytes({ version: 1 }));
  await store.putIfAbsent(runKeys.plan(plan.run), recordBytes(plan));
  for (let shard = 0; shard < plan.execution.shards; shard++) {
    if (missing.includes(shard)) continue;
    const { first, end } = shardPositions(plan, shard);
    const rows = Array.from({ length: end - first }, (_, at) => ({
      ...rowAt(first + at),
      index: (first + at) * plan.claim.dataset.stride,
    }));
    await putRows({ store, plan, shard, rows });
  }
}
