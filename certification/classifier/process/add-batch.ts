import type { BatchPart } from './plan-batches.ts';

/**
 * Adds a batch's top classes to its segments' counts.
 *
 * @param counts for each segment by class; the last entry takes the samples that gave NaN, whose top class is −1.
 * @param topClasses of the batch's rows.
 */
export function addBatch(
  counts: readonly Uint32Array[],
  batch: readonly BatchPart[],
  topClasses: ArrayLike<number>,
): void {
  for (const { segment, row, count } of batch) {
    const tally = counts[segment];
    for (let at = row; at < row + count; at++) tally[topClasses[at] < 0 ? tally.length - 1 : topClasses[at]]++;
  }
}
