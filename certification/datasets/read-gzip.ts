import { promisify } from 'node:util';
import { constants, gunzip } from 'node:zlib';
import { PerimeterError } from '../perimeter-error.ts';
import type { NamedBytes } from './in-memory-dataset.ts';

const gunzipAsync = promisify(gunzip);

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Compressed bytes that surely hold a format's header, past a gzip header with a file name of any usual length. */
const HEAD_BYTES = 4096;

/** @returns the first bytes of what a gzip file holds; as many as its first 4 KiB unpack to. */
export async function gunzipHead({ name, bytes }: NamedBytes): Promise<Uint8Array> {
  try {
    return await gunzipAsync(bytes.subarray(0, HEAD_BYTES), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (cause) {
    throw broken(name, cause);
  }
}

/**
 * @param length how many bytes it is to hold; never more memory than that is taken.
 * @returns all that a gzip file holds.
 */
export async function gunzipWhole({ name, bytes }: NamedBytes, length: number): Promise<Uint8Array> {
  try {
    return await gunzipAsync(bytes, { maxOutputLength: Math.max(1, length) });
  } catch (cause) {
    if (cause instanceof RangeError) {
      throw new PerimeterError(
        'InvalidDataset',
        `${name} unpacks to more than the ${length} bytes that its header declares.`,
        { cause },
      );
    }
    throw broken(name, cause);
  }
}

function broken(name: string, cause: unknown): PerimeterError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PerimeterError('InvalidDataset', `${name} is not a whole gzip file: ${reason}.`, { cause });
}
