import { readFile, stat } from 'node:fs/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { PerimeterError } from '../perimeter-error.ts';
import { fileError, fileErrorCode } from './file-error.ts';
import { parseLocation } from './parse-location.ts';

/**
 * Reads a whole model, dataset or other object.
 *
 * @param uri `file:///path`, a path relative to the working directory, or `s3://bucket/key`
 * @param options.maxBytes refuse a larger one, before reading it
 * @param options.s3 the client for `s3://`; by default the process's own
 * @throws PerimeterError `NotFound`; `InvalidRequest` where it is a folder, too large, or `uri` is none of the above;
 *   `StoreRefused` without permission or bucket; `StoreUnavailable`
 */
export async function readObject(uri: string, options: { maxBytes?: number; s3?: S3Client } = {}): Promise<Uint8Array> {
  const location = parseLocation(uri);
  if (location.kind === 'file') return readLocal(location.path, options.maxBytes ?? Infinity);
  const { bucket, key } = location;
  if (key === '' || key.endsWith('/')) {
    throw new PerimeterError('InvalidRequest', `${uri} names no object: expected s3://bucket/key.`);
  }
  const [{ getS3Object }, { sharedS3Client }] = await Promise.all([
    import('./get-s3-object.ts'),
    import('./s3-client.ts'),
  ]);
  return getS3Object({ client: options.s3 ?? sharedS3Client(), bucket, key, maxBytes: options.maxBytes });
}

async function readLocal(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new PerimeterError('InvalidRequest', `${path} is a folder: expected a file.`);
    if (found.size > maxBytes) {
      throw new PerimeterError(
        'InvalidRequest',
        `${path} has ${found.size} bytes, more than the ${maxBytes} allowed for it.`,
      );
    }
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT' || fileErrorCode(error) === 'ENOTDIR') {
      throw new PerimeterError('NotFound', `There is no file ${path}.`, { cause: error });
    }
    throw fileError(error, `reading ${path}`);
  }
}
