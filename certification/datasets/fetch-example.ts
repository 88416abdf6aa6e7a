import { PerimeterError } from '../perimeter-error.ts';
import type { InputFolder } from '../storage/input-folder.ts';
import type { Locator } from './listing.ts';
import { createParquetReader } from './parquet-rows.ts';

/** The most bytes that one example is decoded from: 64 MiB, ten times the largest file of ImageNet. */
const MAX_EXAMPLE_BYTES = 2 ** 26;

/**
 * Fetches what examples are decoded from.
 *
 * @returns a function from a locator to the bytes there; null where there are more than 64 MiB.
 */
export function createFetch(folder: InputFolder): (locator: Locator) => Promise<Uint8Array | null> {
  let readRow: ReturnType<typeof createParquetReader> | undefined;
  return async (locator) => {
    const { key, range, row } = locator;
    if (row !== undefined) {
      readRow ??= createParquetReader(folder);
      const bytes = await readRow(locator);
      return bytes.length > MAX_EXAMPLE_BYTES ? null : bytes;
    }
    const size = range === undefined ? undefined : range[1] - range[0];
    if (size !== undefined && size > MAX_EXAMPLE_BYTES) return null;
    try {
      return await folder.read(key, range && { from: range[0], to: range[1] }, MAX_EXAMPLE_BYTES);
    } catch (error) {
      if (error instanceof PerimeterError && error.code === 'InvalidRequest') return null;
      throw error;
    }
  };
}
