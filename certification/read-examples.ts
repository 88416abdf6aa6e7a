import type { Dataset } from './datasets/dataset.ts';
import { latticeExample, type LatticeExample } from './lattice-example.ts';
import { mapConcurrently } from './map-concurrently.ts';
import { PerimeterError } from './perimeter-error.ts';
import type { Claim } from './records/claim.ts';

/** Examples read at once: enough to keep a few cores decoding and to hide a store's latency. */
const READS = 8;

/**
 * Reads examples and puts them on the claim's lattice. One that can't be read is there too, and says why.
 *
 * @param indices in the dataset; the examples come in their order.
 * @throws PerimeterError `InputUnavailable` where they aren't here.
 */
export function readExamples(
  dataset: Dataset,
  indices: readonly number[],
  noise: Pick<Claim['noise'], 'lambda' | 'stepsPerUnit'>,
): Promise<LatticeExample[]> {
  return mapConcurrently(indices, READS, async (index) => {
    try {
      return latticeExample(await dataset.read(index), noise);
    } catch (error) {
      if (!(error instanceof PerimeterError && error.code === 'UnreadableExample')) throw error;
      return { index, label: dataset.label(index), pixels: new Uint8Array(), moved: 0, unreadable: error.message };
    }
  });
}
