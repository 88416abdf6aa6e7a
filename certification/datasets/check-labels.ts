import { PerimeterError } from '../perimeter-error.ts';
import type { NamedArray } from './in-memory-dataset.ts';

/**
 * Checks that there is a label for each image, and that it can be one.
 *
 * @throws PerimeterError `InvalidDataset`.
 */
export function checkLabels(
  images: Pick<NamedArray<unknown>, 'name' | 'shape'>,
  labels: NamedArray<ArrayLike<number>>,
): void {
  const count = labels.values.length;
  if (count !== images.shape[0]) {
    throw new PerimeterError(
      'InvalidDataset',
      `${labels.name} holds ${count} labels, but ${images.name} holds ${images.shape[0] ?? 0} examples.`,
    );
  }
  for (let index = 0; index < count; index++) {
    const label = labels.values[index];
    // A class index beyond int32 is no label of any model, and would not survive the formats that results go to.
    if (label < 0 || label > 0x7fffffff) {
      throw new PerimeterError(
        'InvalidDataset',
        `Example ${index} has the label ${label} in ${labels.name}, but labels are class indices from 0 up.`,
      );
    }
  }
}
