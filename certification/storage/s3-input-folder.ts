import { HeadObjectCommand, ListObjectsV2Command, S3ServiceException, type S3Client } from '@aws-sdk/client-s3';
import { mapConcurrently } from '../map-concurrently.ts';
import { checkKey } from './check-key.ts';
import { getS3Object } from './get-s3-object.ts';
import { endsWithin, MAX_OBJECT_BYTES, type InputFolder } from './input-folder.ts';
import { sharedS3Client } from './s3-client.ts';
import { s3Error } from './s3-error.ts';

/** Parts of a listing that are listed at once: each is a thousand keys a request, one after another. */
const LISTINGS = 16;

/**
 * The objects under a prefix of an S3 bucket.
 *
 * @param options.prefix what their keys begin with, without a slash at the end; `''` for the whole bucket.
 * @param options.client by default the process's own.
 */
export function s3InputFolder(options: { bucket: string; prefix: string; client?: S3Client | undefined }): InputFolder {
  const { bucket, prefix, client = sharedS3Client() } = options;
  const before = prefix === '' ? '' : `${prefix}/`;
  const objectKey = (key: string) => {
    checkKey(key, before);
    return before + key;
  };
  const url = (key: string) => `s3://${bucket}/${objectKey(key)}`;

  /** A page of the keys after one; with `shallow` of those in the folder itself, and of the folders in it. */
  const page = async ({ after, token, shallow = false }: { after?: string; token?: string; shallow?: boolean }) => {
    try {
      const answer = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: before,
          ...(token === undefined ? { StartAfter: after } : { ContinuationToken: token }),
          ...(shallow && { Delimiter: '/' }),
        }),
      );
      const keys = (answer.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
      const folders = (answer.CommonPrefixes ?? []).flatMap(({ Prefix }) => (Prefix === undefined ? [] : [Prefix]));
      return { keys, folders, token: answer.NextContinuationToken };
    } catch (error) {
      throw s3Error(error, { operation: 'ListObjectsV2', url: `s3://${bucket}/${before}` });
    }
  };

  /** The keys after one, in pages one after another, as long as `more` says so of a page. */
  const keysAfter = async (
    options: { after?: string; shallow?: boolean },
    more: (keys: readonly string[]) => boolean,
  ): Promise<{ keys: string[]; folders: string[] }> => {
    const all: { keys: string[]; folders: string[] } = { keys: [], folders: [] };
    let token: string | undefined;
    for (;;) {
      const next = await page({ ...options, ...(token !== undefined && { token }) });
      for (const key of next.keys) all.keys.push(key);
      for (const folder of next.folders) all.folders.push(folder);
      ({ token } = next);
      if (token === undefined || !more(next.keys)) return all;
    }
  };

  /** All keys, where they are more than a page: those of the folders in parts that are listed side by side. */
  const listInParts = async (): Promise<string[]> => {
    const { keys, folders } = await keysAfter({ shallow: true }, () => true);
    const size = Math.ceil(folders.length / LISTINGS);
    const parts = Array.from({ length: Math.ceil(folders.length / size) || 0 }, (_, at) => at * size);
    const below = await mapConcurrently(parts, LISTINGS, async (first) => {
      const end = folders.at(first + size);
      const isBefore = (key: string) => end === undefined || Buffer.compare(Buffer.from(key), Buffer.from(end)) < 0;
      // A folder's own name comes before all that is in it.
      const part = await keysAfter({ after: folders[first] }, (page) => page.every(isBefore));
      return part.keys.filter((key) => isBefore(key) && key.includes('/', before.length));
    });
    return [keys, ...below].flat();
  };

  return {
    url,

    list: async ({ atMost = Infinity } = {}) => {
      // Folder markers, which some tools leave, are no objects of a dataset.
      const named = (keys: readonly string[]) =>
        keys
          .map((key) => key.slice(before.length))
          .filter((key) => key !== '' && !key.endsWith('/') && !/(^|\/)\./.test(key));
      const first = await page({});
      const few = named(first.keys);
      if (first.token === undefined || few.length >= atMost) return few.slice(0, atMost);
      return named(await listInParts()).slice(0, atMost);
    },

    head: async (key) => {
      try {
        const answer = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: objectKey(key) }));
        return { size: answer.ContentLength ?? 0, modified: answer.LastModified ?? new Date(0) };
      } catch (error) {
        if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return undefined;
        throw s3Error(error, { operation: 'HeadObject', url: url(key) });
      }
    },

    read: async (key, range, maxBytes = MAX_OBJECT_BYTES) => {
      if (range !== undefined && range.to === range.from) return new Uint8Array();
      const bytes = await getS3Object({ client, bucket, key: objectKey(key), maxBytes, range });
      if (range !== undefined && bytes.length < range.to - range.from) throw endsWithin(url(key), range.from, range.to);
      return bytes;
    },
  };
}
