import type { Dataset } from '../../certification/datasets/dataset.ts';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import type { Sampler } from '../../certification/sampler.ts';
import { aroundDraws } from '../../workers/around-draws.ts';

/** What a sampler does where it is to draw a poisoned example: kills itself, say, or fails. */
export function poisoned(sampler: Sampler, poison: (example: number) => boolean, die: () => void): Sampler {
  return aroundDraws(sampler, ({ request }, go) => {
    if (request.segments.some(({ example }) => poison(example))) die();
    return go();
  });
}

/** A sampler that can't read some examples, for a reason that is the whole dataset's. */
export function unreading(sampler: Sampler, refuses: (example: number) => boolean, reason: string): Sampler {
  const wrap = <Any extends Dataset>(dataset: Any): Any => ({
    ...dataset,
    read: (index: number) =>
      refuses(index)
        ? Promise.reject(new PerimeterError('InvalidDataset', `example ${index}: ${reason}`))
        : dataset.read(index),
  });
  return {
    ...sampler,
    loadDataset: async (...source) => wrap(await sampler.loadDataset(...source)),
    loadPlannedDataset: async (...run) => wrap(await sampler.loadPlannedDataset(...run)),
  };
}
