import type { Metrics, ShardPhase } from '../activities/metrics.ts';
import type { ModelPool } from '../certification/classifier/model-pool.ts';
import { phases, type Phase } from '../certification/noise/phases.ts';
import type { Sampler } from '../certification/sampler.ts';

const NAME_OF = Object.fromEntries(Object.entries(phases).map(([name, phase]) => [phase, name])) as Record<
  Phase,
  ShardPhase | 'probe'
>;

/** The sampler, with every answer of its model processes counted as it comes: a few a second while a shard is drawn. */
export function meteredSampler(sampler: Sampler, metrics: Metrics): Sampler {
  return { ...sampler, openPool: async (options) => meteredPool(await sampler.openPool(options), metrics) };
}

function meteredPool(pool: ModelPool, metrics: Metrics): ModelPool {
  return {
    ...pool,
    count: async (request, signal) => {
      const reply = await pool.count(request, signal);
      metrics.drawn({
        phase: NAME_OF[request.phase],
        samples: request.segments.reduce((sum, { from, to }) => sum + to - from, 0),
        slots: reply.batches * pool.setup.batchSize,
        inferenceSeconds: reply.inferenceMs / 1_000,
      });
      return reply;
    },
  };
}
