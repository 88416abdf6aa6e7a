import { PerimeterError } from '../perimeter-error.ts';

/** A part of an object: first byte, and the one after the last. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Objects that are read and never written: a folder, or a prefix of an S3 bucket. Keys are relative paths with forward
 * slashes (`checkKey`), so that none leads out of it. Every method throws a PerimeterError: `StoreRefused` without
 * permission or bucket, `StoreUnavailable` for a fault that may pass, `InvalidRequest` for a key that can't be one,
 * `InvalidDataset` where a symbolic link leads out of the folder.
 */
export interface InputFolder {
  /**
   * The keys of all objects, in no particular order. Names that begin with a dot are left out, and what is below them.
   * None where there is no such folder.
   *
   * @param options.atMost stop when so many are found.
   */
  list(options?: { atMost?: number }): Promise<string[]>;
  /** The object's size in bytes and when it was written, or undefined where there is none. */
  head(key: string): Promise<{ readonly size: number; readonly modified: Date } | undefined>;
  /**
   * The object's bytes, or those of a range of it.
   *
   * @param maxBytes refuse more, before reading them; 2 GiB where left out.
   * @throws PerimeterError `NotFound`; `InvalidDataset` where the object ends within the range; `InvalidRequest` where
   * there are more bytes than `maxBytes`.
   */
  read(key: string, range?: ByteRange, maxBytes?: number): Promise<Uint8Array>;
  /** `file:///…` or `s3://…` of an object. */
  url(key: string): string;
}

/** No object of a dataset is read at once that is larger: the most that a Node buffer holds everywhere. */
export const MAX_OBJECT_BYTES = 2 ** 31;

/** The error for an object that ends before a range of it does. */
export function endsWithin(url: string, from: number, to: number): PerimeterError {
  return new PerimeterError('InvalidDataset', `${url} is truncated: it ends before its bytes ${from} to ${to - 1}.`);
}
