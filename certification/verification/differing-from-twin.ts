import type { LatticeTable } from '../noise/lattice-table.ts';
import { latticeNoise } from '../noise/lattice-noise.ts';
import { phases } from '../noise/phases.ts';
import type { PhiloxKey } from '../noise/philox4x32.ts';
import type { ExampleDraws } from './audit-draws.ts';

/** The plain twin takes some 0.1 µs a draw. */
const MOST_DRAWS = 2 ** 18;

/**
 * Draws rows spread over the draws again, with the kernel's plain twin.
 *
 * @param table from `latticeTable`
 * @param key from `noiseKey`
 * @param dimensions elements of a sample
 * @param draws the kernel's; some 2¹⁸ integers of them are compared, and at least a row of each phase of the first example
 * @returns how many integers of those rows differ
 */
export function differingFromTwin({
  table,
  key,
  dimensions,
  draws,
}: {
  table: LatticeTable;
  key: PhiloxKey;
  dimensions: number;
  draws: readonly ExampleDraws[];
}): number {
  const rowsOfTwin = Math.max(2, Math.floor(MOST_DRAWS / dimensions));
  const blocks = draws
    .flatMap(({ example, estimation, selection }) => [
      { example, phase: phases.estimation, drawn: estimation },
      { example, phase: phases.selection, drawn: selection },
    ])
    .slice(0, rowsOfTwin);
  let differing = 0;
  for (const { example, phase, drawn } of blocks) {
    const samples = drawn.length / dimensions;
    const compared = Math.min(samples, Math.floor(rowsOfTwin / blocks.length));
    for (let i = 0; i < compared; i++) {
      const sample = Math.floor((i * samples) / compared);
      const twin = latticeNoise({ table, key, dimensions, example, sample, phase });
      for (let at = 0; at < dimensions; at++) if (twin[at] !== drawn[sample * dimensions + at]) differing++;
    }
  }
  return differing;
}
