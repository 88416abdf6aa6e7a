import type { Metrics, ShardPhase } from '../activities/metrics.ts';
import { phases, type Phase } from '../certification/noise/phases.ts';
import type { Sampler } from '../certification/sampler.ts';
import { aroundDraws } from './around-draws.ts';

const NAME_OF = Object.fromEntries(Object.entries(phases).map(([name, phase]) => [phase, name])) as Record<
  Phase,
  ShardPhase | 'probe'
>;

/** The sampler, with every answer of its model processes counted as it comes: a few a second while a shard is drawn. */
export function meteredSampler(sampler: Sampler, metrics: Metrics): Sampler {
  return aroundDraws(sampler, async ({ request, samples, pool }, go) => {
    const reply = await go();
    metrics.drawn({
      phase: NAME_OF[request.phase],
      samples,
      slots: reply.batches * pool.setup.batchSize,
      inferenceSeconds: reply.inferenceMs / 1_000,
    });
    return reply;
  });
}
