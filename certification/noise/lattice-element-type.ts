import type { LatticeTable } from './lattice-table.ts';

/** Element type of the lattice points that the model is fed. */
export type LatticeElementType = 'int16' | 'int32';

export const elementLimits = {
  int16: { min: -0x8000, max: 0x7fff },
  int32: { min: -0x80000000, max: 0x7fffffff },
} as const;

/**
 * The narrowest element type that holds pixel + noise for every pixel of a range: sums are never clipped.
 *
 * @param table from `latticeTable`
 * @param minPixel the least pixel, in lattice steps
 * @param maxPixel the largest pixel, in lattice steps
 * @param narrowest the narrowest that will do; int16 where left out
 * @throws RangeError when the range is not one of integers, or does not fit 32 bits either
 */
export function latticeElementType({
  table,
  minPixel,
  maxPixel,
  narrowest = 'int16',
}: {
  table: LatticeTable;
  minPixel: number;
  maxPixel: number;
  narrowest?: LatticeElementType;
}): LatticeElementType {
  if (!Number.isInteger(minPixel) || !Number.isInteger(maxPixel) || minPixel > maxPixel) {
    throw new RangeError(`A pixel range is two ascending integers, found ${minPixel} to ${maxPixel}.`);
  }
  for (const type of ['int16', 'int32'] as const) {
    if (type === 'int16' && narrowest === 'int32') continue;
    const { min, max } = elementLimits[type];
    if (minPixel + table.min >= min && maxPixel + table.max <= max) return type;
  }
  throw new RangeError(
    `Pixels from ${minPixel} to ${maxPixel} lattice steps with noise up to ${table.max} do not fit 32-bit integers: use a coarser lattice.`,
  );
}
