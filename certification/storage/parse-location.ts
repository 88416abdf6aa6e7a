import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PerimeterError } from '../perimeter-error.ts';

export type Location = { kind: 'file'; path: string } | { kind: 's3'; bucket: string; key: string };

/** As S3 has them since 2018, and as it had them before. */
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/;
const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]+):\/\//;

/**
 * Reads where a store or an object is.
 *
 * @param uri `file:///absolute`, `s3://bucket/key` (the key as it is, not percent-encoded), or a path, relative to the
 *   working directory
 * @throws PerimeterError `InvalidRequest` for anything else
 */
export function parseLocation(uri: string): Location {
  const scheme = SCHEME.exec(uri)?.[1]?.toLowerCase();
  if (uri === '') throw new PerimeterError('InvalidRequest', 'A location is empty: expected a path, file:// or s3://.');
  if (uri.includes('\0')) {
    throw new PerimeterError('InvalidRequest', `${JSON.stringify(uri)} has a zero byte, which no location has.`);
  }
  if (scheme === undefined) return { kind: 'file', path: resolve(uri) };
  if (scheme === 'file') return { kind: 'file', path: filePath(uri) };
  if (scheme === 's3') return s3Location(uri);
  throw new PerimeterError('InvalidRequest', `${uri} begins with ${scheme}://: expected a path, file:// or s3://.`);
}

function filePath(uri: string): string {
  try {
    return resolve(fileURLToPath(uri));
  } catch (cause) {
    throw new PerimeterError(
      'InvalidRequest',
      `${uri} is not a file address: expected file:///absolute/path, or a path without file://.`,
      { cause },
    );
  }
}

function s3Location(uri: string): Location {
  const rest = uri.slice('s3://'.length);
  const slash = rest.indexOf('/');
  const bucket = slash < 0 ? rest : rest.slice(0, slash);
  if (!BUCKET.test(bucket)) {
    throw new PerimeterError('InvalidRequest', `${uri} names no bucket that can exist: expected s3://bucket/prefix.`);
  }
  return { kind: 's3', bucket, key: slash < 0 ? '' : rest.slice(slash + 1) };
}
