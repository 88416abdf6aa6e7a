import { HeadObjectCommand, ListObjectsV2Command, S3ServiceException, type S3Client } from '@aws-sdk/client-s3';
import { mapConcurrently } from '../map-concurrently.ts';
import { checkKey } from './check-key.ts';
import { endsWithin } from './file-input-folder.ts';
import { getS3Object } from './get-s3-object.ts';
import { MAX_OBJECT_BYTES, type InputFolder } from './input-folder.ts';
import { sharedS3Client } from './s3-client.ts';
import { s3Error } from './s3-error.ts';

/** Keys that a request lists. */
const PAGE = 1_000;
/** Folders listed at once: a listing is a thousand keys a request, one after another. */
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

  /** The keys under a prefix; with `shallow` those of its own, and the folders in it. */
  const page = async (under: string, { shallow, atMost = Infinity }: { shallow: boolean; atMost?: number }) => {
    const keys: string[] = [];
    const folders: string[] = [];
    let token: string | undefined;
    do {
      try {
        const answer = await client.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: under,
            ContinuationToken: token,
            ...(shallow && { Delimiter: '/' }),
          }),
        );
        for (const { Key } of answer.Contents ?? []) if (Key !== undefined) keys.push(Key);
        for (const { Prefix } of answer.CommonPrefixes ?? []) if (Prefix !== undefined) folders.push(Prefix);
        token = answer.NextContinuationToken;
      } catch (error) {
        throw s3Error(error, { operation: 'ListObjectsV2', url: `s3://${bucket}/${under}` });
      }
    } while (token !== undefined && keys.length < atMost);
    return { keys, folders };
  };

  return {
    url,

    list: async ({ atMost = Infinity } = {}) => {
      const named = (keys: string[]) =>
        keys
          .map((key) => key.slice(before.length))
          // Folder markers, which some tools leave, are no objects of a dataset.
          .filter((key) => key !== '' && !key.endsWith('/') && !/(^|\/)\./.test(key));
      if (atMost <= PAGE) {
        const few = named((await page(before, { shallow: false, atMost: PAGE })).keys).slice(0, atMost);
        if (few.length === atMost) return few;
      }
      const { keys, folders } = await page(before, { shallow: true });
      const below = await mapConcurrently(folders, LISTINGS, async (folder) =>
        named((await page(folder, { shallow: false })).keys),
      );
      return [named(keys), ...below].flat().slice(0, atMost);
    },

    head: async (key) => {
      try {
        const answer = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: objectKey(key) }));
        return { size: answer.ContentLength ?? 0 };
      } catch (error) {
        if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return undefined;
        throw s3Error(error, { operation: 'HeadObject', url: url(key) });
      }
    },

    read: async (key, range, maxBytes = MAX_OBJECT_BYTES) => {
      if (range?.to === range?.from && range !== undefined) return new Uint8Array();
      const bytes = await getS3Object({ client, bucket, key: objectKey(key), maxBytes, range });
      if (range !== undefined && bytes.length < range.to - range.from) throw endsWithin(url(key), range.from, range.to);
      return bytes;
    },
  };
}
