import { checkLabels } from './check-labels.ts';
import { checkIndex } from './dataset.ts';
import { exampleAxes } from './example-axes.ts';
import type { ImageLayout } from './image-layout.ts';
import type { NamedArray } from './in-memory-dataset.ts';
import type { Listing } from './listing.ts';

/** An array of examples that stays where it is. */
interface StoredArray {
  readonly key: string;
  /** Its URL, for errors. */
  readonly name: string;
  /** N×H×W, N×C×H×W, N×H×W×C, or N×d. */
  readonly shape: readonly number[];
  readonly element: 'uint8' | 'float32';
  readonly littleEndian: boolean;
  /** Of its first element in the object; the others follow in C order. */
  readonly offset: number;
}

/**
 * Lists the examples of an array, which are then read one by one.
 *
 * @param labels as many as there are examples.
 * @param layout of 4-dimensional images; told from their shape where left out.
 * @throws PerimeterError `InvalidDataset` for a shape that isn't that of examples, or labels that don't match.
 */
export function arrayListing(
  images: StoredArray,
  labels: NamedArray<ArrayLike<number>>,
  layout: ImageLayout | undefined,
): Listing {
  const { channelsLast } = exampleAxes(images, layout);
  checkLabels(images, labels);
  const { key, element, littleEndian, offset } = images;
  const [examples = 0, ...stored] = images.shape;
  const size = stored.reduce((product, length) => product * length, element === 'uint8' ? 1 : 4);
  return {
    examples,
    labels: Int32Array.from(labels.values),
    encoding: { type: 'array', element, littleEndian, stored, channelsLast },
    locate(index) {
      checkIndex(index, examples);
      return { key, range: [offset + index * size, offset + (index + 1) * size] };
    },
  };
}
