import type { LatticeTable } from './lattice-table.ts';
import { philox4x32 } from './philox4x32.ts';
import type { PhiloxKey } from './philox4x32.ts';

/**
 * One sample's noise, slow and obvious: the reference that the kernel of noise-kernel.ts must equal.
 *
 * Element e is drawn by inversion of a 64-bit uniform. Its upper half is word `e mod 4` of the Philox block with counter
 * `(⌊e/4⌋, sample, example, phase)`; its lower half, which matters only where the upper half equals a threshold's, is the
 * same word of the block with counter `(⌊e/4⌋, sample, example, phase + 2³¹)`.
 *
 * @param table from `latticeTable`
 * @param key from `noiseKey`
 * @param dimensions length of the noise vector
 * @param example index of the example in the dataset, 0 to 2³²−1
 * @param sample index of the sample, 0 to 2³²−1
 * @param phase what the sample is for (phases.ts), below 2³¹
 * @returns the noise in lattice steps
 */
export function latticeNoise({
  table,
  key,
  dimensions,
  example,
  sample,
  phase,
}: {
  table: LatticeTable;
  key: PhiloxKey;
  dimensions: number;
  example: number;
  sample: number;
  phase: number;
}): Int32Array {
  const noise = new Int32Array(dimensions);
  for (let block = 0; 4 * block < dimensions; block++) {
    const words = philox4x32({ counter: [block, sample, example, phase], key });
    for (let lane = 0; lane < 4 && 4 * block + lane < dimensions; lane++) {
      const lowerHalf = (): number => philox4x32({ counter: [block, sample, example, phase + 0x80000000], key })[lane];
      noise[4 * block + lane] = table.min + thresholdsUpTo(table, words[lane], lowerHalf);
    }
  }
  return noise;
}

/** How many thresholds are ≤ the 64-bit uniform with the given halves. */
function thresholdsUpTo({ upper, lower }: LatticeTable, upperHalf: number, lowerHalf: () => number): number {
  let from = 0;
  let to = upper.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    const threshold = upper[middle];
    if (threshold < upperHalf || (threshold === upperHalf && lower[middle] <= lowerHalf())) from = middle + 1;
    else to = middle;
  }
  return from;
}
