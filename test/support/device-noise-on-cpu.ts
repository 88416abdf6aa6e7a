import { fuseModel } from '../../certification/classifier/graph/fuse-model.ts';
import { openModelPool, type ModelPool } from '../../certification/classifier/model-pool.ts';
import { certifyShards } from '../../certification/certify-shards.ts';
import { draftClaim } from '../../certification/draft-claim.ts';
import { planRun } from '../../certification/plan-run.ts';
import { publishRun } from '../../certification/publish-run.ts';
import { parseRequest } from '../../certification/records/parse-request.ts';
import { cpu } from '../../certification/records/device.ts';
import type { RequestInput } from '../../certification/records/request.ts';
import { runKeys } from '../../certification/records/run-keys.ts';
import { createSampler, type Sampler } from '../../certification/sampler.ts';
import { openStore } from '../../certification/storage/open-store.ts';

/**
 * A sampler that takes itself for a GPU and draws device noise on the CPU, in a real model process. No user can have one: the
 * noise of the CPU's generator is good enough to test what surrounds it.
 */
export function deviceNoiseOnCpu(): Sampler {
  const sampler = createSampler({ device: { kind: 'cuda', id: 0 }, processes: 1 });
  const pools = new Map<string, Promise<ModelPool>>();
  return {
    ...sampler,
    openPool: ({ model, normalisation, noise, noiseKey = [0, 0], batchSize, threads }) => {
      const { sigma, stepsPerUnit, elementType } = noise;
      const { description } = model;
      const { shape, classes } = description;
      const options = { description, stepsPerUnit, elementType, batchSize, deviceNoise: true } as const;
      const fused = fuseModel(model.bytes, { ...options, ...(normalisation !== null && { normalisation }) });
      const law = { sigma, stepsPerUnit, elementType, deviceNoise: { key: noiseKey } };
      const key = JSON.stringify([model.sha256, law, batchSize]);
      const pool =
        pools.get(key) ?? openModelPool({ ...law, fused, batchSize, shape, classes, threads, device: cpu }, 1);
      pools.set(key, pool);
      return pool;
    },
    close: async () => {
      for (const pool of pools.values()) await (await pool).close();
      await sampler.close();
    },
  };
}

/** A finished run with device noise. */
export async function runWithDeviceNoise(input: RequestInput, sampler: Sampler) {
  const request = parseRequest({ batchSize: 64, ...input, device: 'cuda', noise: 'device' }, 'the request');
  const store = openStore(request.out);
  const run = request.run ?? 'device';
  const now = new Date();
  const draft = await draftClaim(sampler, request);
  const plan = await planRun({ store, request, run, draft, now });
  const { count } = plan.claim.dataset;
  const shards = Array.from({ length: plan.execution.shards }, (_, shard) => shard);
  const cost = await certifyShards({ sampler, store, plan, shards, examples: count });
  const metrics = { startedAt: now.toISOString(), finishedAt: now.toISOString(), ...cost };
  const { summary } = await publishRun({ store, plan, maxFailedShare: request.maxFailedShare, metrics });
  return { plan, summary, store, folder: store.url(runKeys.folder(run)).replace(/^file:\/\//, '') };
}
