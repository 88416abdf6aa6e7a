import { PerimeterError } from '../perimeter-error.ts';
import type { Dataset } from './dataset.ts';
import { inMemoryDataset, type NamedBytes } from './in-memory-dataset.ts';

/** Which of the two data sets, whose records differ. */
export type CifarVariant = 'cifar10' | 'cifar100';

/** Red, green and blue of 32×32 pixels, row by row. */
const IMAGE_BYTES = 3 * 32 * 32;

/** The label bytes before each image, and how many classes each counts. The last is the label. */
const variants = {
  cifar10: { name: 'CIFAR-10', other: 'CIFAR-100', labels: [{ name: 'label', classes: 10 }] },
  cifar100: {
    name: 'CIFAR-100',
    other: 'CIFAR-10',
    labels: [
      { name: 'coarse label', classes: 20 },
      { name: 'fine label', classes: 100 },
    ],
  },
} as const;

/**
 * Reads the binary version of CIFAR-10 (`test_batch.bin`) or CIFAR-100 (`test.bin`, of which the fine labels count), as
 * https://www.cs.toronto.edu/~kriz/cifar.html lays them out: records of one or two label bytes, then the pixels.
 *
 * @throws PerimeterError `InvalidDataset` for a size that isn't a number of records, or a label that isn't a class.
 */
export function readCifarBinary({ file, variant }: { file: NamedBytes; variant: CifarVariant }): Dataset {
  const { name, bytes } = file;
  const { name: set, other, labels: heads } = variants[variant];
  const record = heads.length + IMAGE_BYTES;
  const examples = bytes.length / record;
  if (!Number.isInteger(examples) || examples === 0) {
    throw new PerimeterError(
      'InvalidDataset',
      `${name} holds ${bytes.length} bytes, but ${set}'s binary version has records of ${record} bytes: is it ${other}'s, another version, or truncated?`,
    );
  }
  const labels = new Uint8Array(examples);
  const values = new Uint8Array(examples * IMAGE_BYTES);
  for (let index = 0; index < examples; index++) {
    const start = index * record;
    heads.forEach((head, at) => {
      const label = bytes[start + at];
      if (label >= head.classes) {
        throw new PerimeterError(
          'InvalidDataset',
          `Example ${index} of ${name} has the ${head.name} ${label}, but ${set}'s are 0 to ${head.classes - 1}: is it ${other}'s or another file?`,
        );
      }
      labels[index] = label;
    });
    values.set(bytes.subarray(start + heads.length, start + record), index * IMAGE_BYTES);
  }
  return inMemoryDataset({
    images: { name, shape: [examples, 3, 32, 32], values },
    labels: { name, shape: [examples], values: labels },
    layout: 'NCHW',
    files: [bytes],
  });
}
