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
  /** SHA-256 of all that was read, 64 hexadecimal digits. */
  readonly sha256: string;
  /**
   * @param index from 0 to `examples − 1`.
   * @returns the example; its values are the caller's own, to keep, change or transfer.
   * @throws RangeError for any other index.
   */
  read(index: number): Promise<Example>;
}

export interface Example {
  readonly index: number;
  readonly label: number;
  /** As many as the shape's product, channels first; `Uint8Array` where the dataset's kind is `uint8`. */
  readonly values: Uint8Array | Float32Array;
}
