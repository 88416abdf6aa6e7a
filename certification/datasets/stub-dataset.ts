import { stubDatasetDigest, stubLabel, type Stub } from '../records/stub.ts';
import { checkIndex, type Dataset } from './dataset.ts';

/** Of one example: it has to have a pixel. */
export const STUB_SHAPE: readonly number[] = [1, 1, 1];

/** The dataset that a stub stands for: black pixels with labels, none of them kept, however many there are. */
export function stubDataset(stub: Stub): Dataset {
  const { examples, classes } = stub;
  const label = (index: number) => {
    checkIndex(index, examples);
    return stubLabel(stub, index);
  };
  return {
    examples,
    shape: STUB_SHAPE,
    kind: 'uint8',
    labels: { min: 0, max: Math.min(examples, classes) - 1 },
    images: null,
    digestOf: 'files',
    sha256: stubDatasetDigest(stub),
    label,
    // Async, so that an index that isn't one rejects, as it does where examples are fetched.
    // eslint-disable-next-line @typescript-eslint/require-await
    read: async (index) => ({ index, label: label(index), values: new Uint8Array(1) }),
  };
}
