/** Where the bytes of one example are, as JSON: an object, a part of one, or a row of a Parquet file. */
export interface Locator {
  /** Of the object, in the dataset's folder. */
  readonly key: string;
  /** First byte, and the one after the last; the whole object where left out. */
  readonly range?: readonly [from: number, to: number];
  /** Row of a Parquet file, counted from 0, and the path of the column that holds the bytes. */
  readonly row?: number;
  readonly column?: string;
}

/** What the bytes of an example are: an image file, or its values one after another. */
export type Encoding =
  | { readonly type: 'image' }
  | {
      readonly type: 'array';
      readonly element: 'uint8' | 'float32';
      readonly littleEndian: boolean;
      /** As stored: H×W, C×H×W or H×W×C of an image, or one dimension of features. */
      readonly stored: readonly number[];
      readonly channelsLast: boolean;
    };

/**
 * What a test set holds whose examples are read one by one: their labels and where their bytes are. Listing it reads
 * names, headers and labels, and no example.
 */
export interface Listing {
  readonly examples: number;
  /** One for each example, from 0 up. */
  readonly labels: Int32Array;
  /** Names of the classes in the order of the labels, where the dataset tells them. */
  readonly classNames?: readonly string[];
  readonly encoding: Encoding;
  readonly locate: (index: number) => Locator;
}
