import type { ImageOptions } from './image-options.ts';
import type { Encoding, Locator } from './listing.ts';

/** A labelled test set, whatever format it came in. Readers that hold it whole and readers that fetch it fit alike. */
export interface Dataset {
  /** How many there are; indices run from 0. At least one. */
  readonly examples: number;
  /** Of one example: `[channels, height, width]` of an image, `[features]` otherwise. */
  readonly shape: readonly number[];
  /** `uint8`: pixel k stands for k/255 input units. `float32`: the values are input units. */
  readonly kind: 'uint8' | 'float32';
  /** The least and the greatest label; never negative. */
  readonly labels: { readonly min: number; readonly max: number };
  /** Names of the classes in the order of the labels, where the dataset tells them. */
  readonly classNames?: readonly string[] | undefined;
  /** How image files become pixels, and what tells that they become the same ones elsewhere; null of arrays. */
  readonly images: (ImageOptions & { readonly probe: string }) | null;
  /** What `sha256` is of: all that was read, or the examples that are certified, where they are read one by one. */
  readonly digestOf: 'files' | 'examples';
  /**
   * SHA-256 of what the examples are read from, 64 hexadecimal digits; null where they are read one by one and it
   * isn't said yet which of them are certified (`indexDataset`).
   */
  readonly sha256: string | null;
  /** An example's label, without reading it. @throws RangeError for an index that isn't one. */
  label(index: number): number;
  /**
   * @param index from 0 to `examples − 1`.
   * @returns the example; its values are the caller's own, to keep, change or transfer.
   * @throws RangeError for any other index; PerimeterError `UnreadableExample` where this example can't be read but
   * others can, `InputUnavailable` where it isn't here, or isn't the one that was digested.
   */
  read(index: number): Promise<Example>;
}

/** What the keys of a dataset's objects are relative to: its URI, or the folder that this lies in. */
export type Base = 'uri' | 'parent';

/** A dataset whose examples are read one by one. */
export interface ListedDataset extends Dataset {
  readonly digestOf: 'examples';
  readonly base: Base;
  readonly encoding: Encoding;
  locate(index: number): Locator;
  /** The bytes that an example is decoded from; null where it has more than are read. */
  bytes(index: number): Promise<Uint8Array | null>;
}

export interface Example {
  readonly index: number;
  readonly label: number;
  /** As many as the shape's product, channels first; `Uint8Array` where the dataset's kind is `uint8`. */
  readonly values: Uint8Array | Float32Array;
}

export function isListed(dataset: Dataset): dataset is ListedDataset {
  return 'locate' in dataset;
}

/** @throws RangeError unless the dataset has an example of this index. */
export function checkIndex(index: number, examples: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= examples)
    throw new RangeError(`example ${index} of ${examples}`);
}

/** The least and the greatest of at least one label. */
export function labelRange(labels: ArrayLike<number>): { min: number; max: number } {
  let min = Infinity;
  let max = -Infinity;
  for (let index = 0; index < labels.length; index++) {
    min = Math.min(min, labels[index]);
    max = Math.max(max, labels[index]);
  }
  return { min, max };
}
