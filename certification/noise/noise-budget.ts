import type { LatticeTable } from './lattice-table.ts';

const TWO_TO_MINUS_65 = 2.710505431213761e-20;

/**
 * An upper bound on the total variation between one drawn noise vector and a vector of independent values of the law on the lattice.
 * Added to the probability that a sample misses the class, it makes the certificate's bound hold for the true noise.
 *
 * Derivation for the Gaussian, with F the true distribution function at the integers, F̂ the drawn one, d = F − F̂ and u = 2⁻⁶⁴. Over the m
 * thresholds 0 ≤ d < u, being what the floors cut off; below them F̂ = 0 and d rises from 0 to less than u; above them
 * F̂ = 1 and d rises from more than −u to 0. The total variation of one coordinate, ½ Σ|P(k) − P̂(k)|, is half the
 * variation of the sequence d: at most u up to the tail's end, u for the step to the first threshold, (m−1)u between
 * thresholds, 2u for the step beyond the last, u from there on; together (m+4)u. Coordinates are independent under both
 * laws, so their total variations add up: `dimensions · (m+4) · 2⁻⁶⁵`.
 *
 * The uniform law has no tails beyond its table: d is 0 there, below u over the m thresholds, and the m+1 steps between make
 * (m+1)u.
 *
 * The bound takes Philox's words for independent uniform ones.
 *
 * @param table from `latticeTable`
 * @param dimensions coordinates of a noise vector, 1 to 2³²
 * @returns the bound; it is a double exactly, nothing is rounded
 * @throws RangeError when `dimensions` is not such an integer
 */
export function noiseBudget({ table, dimensions }: { table: LatticeTable; dimensions: number }): number {
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > 0x100000000) {
    throw new RangeError(`A noise vector has 1 to 2^32 dimensions, found ${dimensions}.`);
  }
  const steps = table.upper.length + (table.lambda === undefined ? 4 : 1);
  return dimensions * steps * TWO_TO_MINUS_65;
}
