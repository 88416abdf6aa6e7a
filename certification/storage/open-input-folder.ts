import type { S3Client } from '@aws-sdk/client-s3';
import { PerimeterError } from '../perimeter-error.ts';
import { checkKey } from './check-key.ts';
import { fileInputFolder } from './file-input-folder.ts';
import type { InputFolder } from './input-folder.ts';
import { parseLocation } from './parse-location.ts';

/**
 * Opens a folder of inputs: nothing is read or connected to yet.
 *
 * @param uri `file:///folder`, a path relative to the working directory, or `s3://bucket/prefix`.
 * @param options.s3 the client for `s3://`; by default the process's own.
 * @throws PerimeterError `InvalidRequest` where `uri` is none of them.
 */
export function openInputFolder(uri: string, options: { s3?: S3Client } = {}): InputFolder {
  const location = parseLocation(uri);
  if (location.kind === 'file') return fileInputFolder(location.path);
  const { bucket } = location;
  const prefix = location.key.replace(/\/+$/, '');
  if (prefix !== '') checkKey(prefix);
  // The AWS SDK is large, and most processes never need it.
  let loaded: Promise<InputFolder> | undefined;
  const load = () =>
    (loaded ??= import('./s3-input-folder.ts').then(({ s3InputFolder }) =>
      s3InputFolder({ bucket, prefix, client: options.s3 }),
    ));
  const before = prefix === '' ? '' : `${prefix}/`;
  return {
    list: async (listOptions) => (await load()).list(listOptions),
    head: async (key) => (await load()).head(key),
    read: async (key, range, maxBytes) => (await load()).read(key, range, maxBytes),
    url: (key) => {
      checkKey(key, before);
      return `s3://${bucket}/${before}${key}`;
    },
  };
}

/**
 * An object's folder, and its key there.
 *
 * @throws PerimeterError `InvalidRequest` where the URI names no object.
 */
export function splitLocation(uri: string): { folder: string; key: string } {
  const trimmed = uri.replace(/\/+$/, '');
  const slash = trimmed.lastIndexOf('/');
  const key = trimmed.slice(slash + 1);
  const folder = slash < 0 ? '.' : trimmed.slice(0, slash) || '/';
  if (key === '' || folder.endsWith(':/') || folder.endsWith(':')) {
    throw new PerimeterError('InvalidRequest', `${uri} names no object: expected a path, file:// or s3://bucket/key.`);
  }
  return { folder, key };
}
