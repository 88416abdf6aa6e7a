import type { ModelPool } from '../certification/classifier/model-pool.ts';
import type { Sampler } from '../certification/sampler.ts';

type Count = ModelPool['count'];

/** A request to a model process, and how many samples it asks for. */
export interface Draw {
  readonly request: Parameters<Count>[0];
  readonly samples: number;
  readonly pool: ModelPool;
}

/**
 * A sampler whose every request to its model processes goes through `around`.
 *
 * @param around draws when it wants to, and gives the answer.
 */
export function aroundDraws(
  sampler: Sampler,
  around: (draw: Draw, go: () => ReturnType<Count>) => ReturnType<Count>,
): Sampler {
  return {
    ...sampler,
    openPool: async (options) => {
      const pool = await sampler.openPool(options);
      return {
        ...pool,
        count: (request, signal) => {
          const samples = request.segments.reduce((sum, { from, to }) => sum + to - from, 0);
          return around({ request, samples, pool }, () => pool.count(request, signal));
        },
      };
    },
  };
}
