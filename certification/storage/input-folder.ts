/** A part of an object: first byte, and the one after the last. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Objects that are read and never written: a folder, or a prefix of an S3 bucket. Keys are relative paths with forward
 * slashes (`checkKey`), so that none leads out of it. Every method throws a PerimeterError: `StoreRefused` without
 * permission or bucket, `StoreUnavailable` for a fault that may pass, `InvalidRequest` for a key that can't be one.
 */
export interface InputFolder {
  /**
   * Every object, in the order of the keys' UTF-8 bytes. Names that begin with a dot are left out, as are theirs below.
   *
   * @throws PerimeterError `NotFound` where there is no such folder; `InvalidDataset` where a symbolic link leads out
   * of it.
   */
  list(): Promise<InputObject[]>;
  /** The object's size in bytes, or undefined where there is none. */
  head(key: string): Promise<{ readonly size: number } | undefined>;
  /**
   * The object's bytes, or those of a range, which must lie within it.
   *
   * @throws PerimeterError `NotFound`; `InvalidDataset` where a symbolic link leads out of the folder, or the range
   * out of the object.
   */
  read(key: string, range?: ByteRange): Promise<Uint8Array>;
  /** `file:///…` or `s3://…` of an object. */
  url(key: string): string;
}

export interface InputObject {
  readonly key: string;
  /** In bytes. */
  readonly size: number;
}
