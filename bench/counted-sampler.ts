import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { phases } from '../certification/noise/phases.ts';
import type { Sampler } from '../certification/sampler.ts';
import { aroundDraws } from '../workers/around-draws.ts';

/** The phases whose samples certificates rest on: what is drawn to measure a model is no work of a run. */
const COUNTED: readonly number[] = [phases.selection, phases.estimation];

/**
 * A sampler that adds a line to `file` with the samples of each piece, before the piece is drawn: whatever kills its
 * process, no sample that was drawn is missing there, and at most the piece under way is there too many.
 */
export function countedSampler(sampler: Sampler, file: string): Sampler {
  return aroundDraws(sampler, ({ request, samples }, go) => {
    if (COUNTED.includes(request.phase)) appendFileSync(file, `${samples}\n`);
    return go();
  });
}

/** The sum of what was counted in a file, 0 where there is none yet. */
export function countedSamples(file: string): number {
  if (!existsSync(file)) return 0;
  return readFileSync(file, 'utf8')
    .split('\n')
    .reduce((sum, line) => sum + Number(line), 0);
}
