import { createHash } from 'node:crypto';
import { PerimeterError } from '../perimeter-error.ts';
import { checkLabels } from './check-labels.ts';
import type { Dataset } from './dataset.ts';
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
  return {
    examples,
    shape: axes.shape,
    kind: values instanceof Float32Array ? 'float32' : 'uint8',
    labels: labelRange(labels.values),
    sha256: digest(files),
    read(index) {
      if (!Number.isInteger(index) || index < 0 || index >= examples) {
        return Promise.reject(new RangeError(`example ${index} of ${examples}`));
      }
      const label = labels.values[index];
      const stored = values.slice(index * size, (index + 1) * size);
      return Promise.resolve({ index, label, values: axes.channelsLast ? channelsFirst(stored, axes.shape) : stored });
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

function labelRange(labels: ArrayLike<number>): { min: number; max: number } {
  let min = Infinity;
  let max = -Infinity;
  for (let index = 0; index < labels.length; index++) {
    min = Math.min(min, labels[index]);
    max = Math.max(max, labels[index]);
  }
  return { min, max };
}

/** Of one file its own SHA-256; of several, that of their SHA-256 digests one after another, so that no split is lost. */
function digest(files: readonly Uint8Array[]): string {
  const digests = files.map((bytes) => createHash('sha256').update(bytes).digest());
  if (digests.length === 1) return digests[0].toString('hex');
  return createHash('sha256').update(Buffer.concat(digests)).digest('hex');
}

/** H×W×C values in C×H×W order. */
function channelsFirst<Values extends Uint8Array | Float32Array>(values: Values, shape: readonly number[]): Values {
  const [channels = 1] = shape;
  const pixels = values.length / channels;
  const result = values.slice() as Values;
  for (let channel = 0; channel < channels; channel++) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      result[channel * pixels + pixel] = values[pixel * channels + channel];
    }
  }
  return result;
}
