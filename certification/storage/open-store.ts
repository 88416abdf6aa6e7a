import type { S3Client } from '@aws-sdk/client-s3';
import { checkKey } from './check-key.ts';
import { fileStore } from './file-store.ts';
import { parseLocation } from './parse-location.ts';
import type { Store } from './store.ts';

/**
 * Opens the store at `uri`: nothing is read, written or connected to yet (`checkStore` does).
 *
 * @param uri `file:///folder`, a path relative to the working directory, or `s3://bucket/prefix`
 * @param options.s3 the client for `s3://`; by default the process's own, which follows the `AWS_…` variables
 * @throws PerimeterError `InvalidRequest` where `uri` is none of them
 */
export function openStore(uri: string, options: { s3?: S3Client } = {}): Store {
  const location = parseLocation(uri);
  if (location.kind === 'file') return fileStore(location.path);
  const prefix = location.key.replace(/\/+$/, '');
  if (prefix !== '') checkKey(prefix);
  return loadedWhenUsed({ bucket: location.bucket, prefix, client: options.s3 });
}

/** The AWS SDK is large, and most processes never need it. */
function loadedWhenUsed(options: { bucket: string; prefix: string; client?: S3Client }): Store {
  const { bucket, prefix } = options;
  const before = prefix === '' ? '' : `${prefix}/`;
  let loaded: Promise<Store> | undefined;
  const load = () => (loaded ??= import('./s3-store.ts').then(({ s3Store }) => s3Store(options)));
  return {
    get: async (key) => (await load()).get(key),
    digest: async (key) => (await load()).digest(key),
    head: async (key) => (await load()).head(key),
    has: async (key) => (await load()).has(key),
    list: async (keyPrefix) => (await load()).list(keyPrefix),
    entries: async (keyPrefix) => (await load()).entries(keyPrefix),
    folders: async (keyPrefix) => (await load()).folders(keyPrefix),
    update: async (key, change, updateOptions) => (await load()).update(key, change, updateOptions),
    putIfAbsent: async (key, bytes, putOptions) => (await load()).putIfAbsent(key, bytes, putOptions),
    writeIfAbsent: async (key, writeOptions) => (await load()).writeIfAbsent(key, writeOptions),
    remove: async (key) => (await load()).remove(key),
    removeLeftovers: async (keyPrefix) => (await load()).removeLeftovers(keyPrefix),
    url: (key) => {
      checkKey(key, before);
      return `s3://${bucket}/${before}${key}`;
    },
  };
}
