import { stubDatasetDigest, stubLabel, type Stub } from '../records/stub.ts';
import type { Dataset } from './dataset.ts';

/** Of one example: it has to have a pixel. */
export const STUB_SHAPE: readonly number[] = [1, 1, 1];

/** The dataset that a stub stands for: black pixels with labels, none of them kept, however many there are. */
export function stubDataset(stub: Stub): Dataset {
  const { examples, classes } = stub;
  return {
    examples,
    shape: STUB_SHAPE,
    kind: 'uint8',
    labels: { min: 0, max: Math.min(examples, classes) - 1 },
    sha256: stubDatasetDigest(stub),
    read(index) {
      if (!Number.isInteger(index) || index < 0 || index >= examples) {
        return Promise.reject(new RangeError(`example ${index} of ${examples}`));
      }
      return Promise.resolve({ index, label: stubLabel(stub, index), values: new Uint8Array(1) });
    },
  };
}
