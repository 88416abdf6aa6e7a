import { createHash } from 'node:crypto';
import { PerimeterError } from '../perimeter-error.ts';
import { channelsFirst } from './channels-first.ts';
import { checkLabels } from './check-labels.ts';
import { checkIndex, labelRange, type Dataset } from './dataset.ts';
import { exampleAxes } from './example-axes.ts';
import type { ImageLayout } from './image-layout.ts';
import { latticePixels } from './lattice-pixels.ts';

export interface NamedBytes {
  /** Path or URI, for errors. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface NamedArray<Values> {
  /** The file and what in it, for errors. */
  readonly name: string;
  readonly shape: readonly number[];
  /** In C order. */
  readonly values: Values;
}

interface Arrays {
  /** N×H×W or N×C×H×W or N×H×W×C images, or N×d features. */
  readonly images: NamedArray<Uint8Array | Float32Array>;
  /** As many as there are images. */
  readonly labels: NamedArray<ArrayLike<number>>;
  /** Of 4-dimensional images; told from their shape where left out. */
  readonly layout?: ImageLayout | undefined;
  /** All that was read. */
  readonly files: readonly Uint8Array[];
}

/**
 * A dataset of arrays held whole. Float32 images that are 8-bit images divided by 255 become those (`latticePixels`).
 *
 * @throws PerimeterError `InvalidDataset` for no examples, a shape that isn't an example's, a value that isn't a
 * number, labels that don't match.
 */
export function inMemoryDataset({ images, labels, layout, files }: Arrays): Dataset {
  const examples = images.shape[0] ?? 0;
  const axes = exampleAxes(images, layout);
  checkLabels(images, labels);
  if (images.values instanceof Float32Array) checkFinite(images.name, images.values, examples);

  const values =
    images.values instanceof Float32Array
      ? (latticePixels(images.values) ?? images.values)
      : // Plain, because the slice of a Node Buffer is a view that shares its bytes.
        new Uint8Array(images.values.buffer, images.values.byteOffset, images.values.length);
  const size = values.length / examples;
  const labelOf = (index: number) => {
    checkIndex(index, examples);
    return labels.values[index];
  };
  return {
    examples,
    shape: axes.shape,
    kind: values instanceof Float32Array ? 'float32' : 'uint8',
    labels: labelRange(labels.values),
    digestOf: 'files',
    sha256: digest(files),
    images: null,
    label: labelOf,
    // Async, so that an index that isn't one rejects, as it does where examples are fetched.
    // eslint-disable-next-line @typescript-eslint/require-await
    read: async (index) => {
      const label = labelOf(index);
      const stored = values.slice(index * size, (index + 1) * size);
      return { index, label, values: axes.channelsLast ? channelsFirst(stored, axes.shape[0]) : stored };
    },
  };
}

function checkFinite(name: string, values: Float32Array, examples: number): void {
  const found = values.findIndex((value) => !Number.isFinite(value));
  if (found < 0) return;
  const size = values.length / examples;
  throw new PerimeterError(
    'InvalidDataset',
    `Example ${Math.floor(found / size)} of ${name} holds ${values[found] ?? NaN} at position ${found % size} of ${size}, but every value must be a finite number.`,
  );
}

/** Of one file its own SHA-256; of several, that of their SHA-256 digests one after another, so that no split is lost. */
function digest(files: readonly Uint8Array[]): string {
  const digests = files.map((bytes) => createHash('sha256').update(bytes).digest());
  if (digests.length === 1) return digests[0].toString('hex');
  return createHash('sha256').update(Buffer.concat(digests)).digest('hex');
}
