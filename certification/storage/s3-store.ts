import {
  DeleteObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { PerimeterError } from '../perimeter-error.ts';
import { checkKey } from './check-key.ts';
import { compareObjects } from './compare-objects.ts';
import { digestS3Object, getS3Object } from './get-s3-object.ts';
import { objectDigest } from './object-digest.ts';
import { putS3Object, statusOf } from './put-s3-object.ts';
import { sharedS3Client } from './s3-client.ts';
import { s3Error } from './s3-error.ts';
import { s3Writer } from './s3-writer.ts';
import type { Store, StoredObject } from './store.ts';
import { updateS3Object } from './update-s3-object.ts';

/** The content type of what has no other. */
const BYTES = 'application/octet-stream';

/**
 * A store under a prefix of an S3 bucket.
 *
 * @param options.bucket the bucket, which exists
 * @param options.prefix what its keys begin with, without a slash at the end; `''` for the whole bucket
 * @param options.client by default the process's own
 */
export function s3Store(options: { bucket: string; prefix: string; client?: S3Client }): Store {
  const { bucket, prefix: base, client = sharedS3Client() } = options;
  const before = base === '' ? '' : `${base}/`;
  const objectKey = (key: string) => {
    checkKey(key, before);
    return before + key;
  };
  const url = (key: string) => `s3://${bucket}/${objectKey(key)}`;
  const placeOf = (key: string) => ({ client, bucket, key: objectKey(key), url: url(key) });
  let bucketIsThere = false;

  const get = (key: string) => getS3Object({ client, bucket, key: objectKey(key) });

  const head = async (key: string) => {
    try {
      const answer = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: objectKey(key) }));
      return { size: answer.ContentLength ?? 0 };
    } catch (error) {
      if (statusOf(error) !== 404) throw s3Error(error, { operation: 'HeadObject', url: url(key) });
      // An answer to HEAD has no body to say which of the two is missing.
      await checkBucket();
      return undefined;
    }
  };

  const checkBucket = async () => {
    if (bucketIsThere) return;
    try {
      await client.send(new HeadBucketCommand({ Bucket: bucket }));
    } catch (error) {
      if (statusOf(error) === 404) {
        throw new PerimeterError(
          'StoreRefused',
          `The store refused HeadObject on s3://${bucket}: the bucket does not exist: create it, or correct its name.`,
          { cause: error },
        );
      }
      // Someone who may not ask for the bucket can still be allowed its objects.
      if (statusOf(error) !== 403) throw s3Error(error, { operation: 'HeadBucket', url: `s3://${bucket}` });
    }
    bucketIsThere = true;
  };

  async function* pages(asked: { Prefix: string; Delimiter?: string }) {
    let token: string | undefined;
    do {
      try {
        const page = await client.send(
          new ListObjectsV2Command({ Bucket: bucket, ...asked, ContinuationToken: token }),
        );
        yield page;
        token = page.NextContinuationToken;
      } catch (error) {
        throw s3Error(error, { operation: 'ListObjectsV2', url: `s3://${bucket}/${asked.Prefix}` });
      }
    } while (token !== undefined);
  }

  const entries = async (prefix: string) => {
    const objects: StoredObject[] = [];
    for await (const { Contents = [] } of pages({ Prefix: before + prefix })) {
      for (const { Key = '', Size = 0, LastModified = new Date() } of Contents) {
        const key = Key.slice(before.length);
        // Folder markers, which some tools leave, are no keys of a store.
        if (key !== '' && !key.endsWith('/')) objects.push({ key, size: Size, writtenAt: LastModified });
      }
    }
    return objects;
  };

  return {
    get,
    digest: (key) => digestS3Object({ client, bucket, key: objectKey(key) }),
    head,
    url,
    has: async (key) => (await head(key)) !== undefined,

    list: async (prefix) => (await entries(prefix)).map(({ key }) => key),
    entries,

    folders: async (prefix) => {
      const names: string[] = [];
      for await (const { CommonPrefixes = [] } of pages({ Prefix: before + prefix, Delimiter: '/' })) {
        for (const { Prefix = '' } of CommonPrefixes) names.push(Prefix.slice((before + prefix).length, -1));
      }
      return names.filter((name) => name !== '');
    },

    update: (key, change, { contentType = BYTES } = {}) => updateS3Object({ ...placeOf(key), change, contentType }),

    putIfAbsent: async (key, bytes, { contentType = BYTES } = {}) => {
      const place = placeOf(key);
      if (await putS3Object({ ...place, bytes, contentType })) return 'created';
      return compareObjects({ url: place.url, written: objectDigest(bytes), found: await digestS3Object(place) });
    },

    writeIfAbsent: (key, { contentType = BYTES, partBytes } = {}) =>
      Promise.resolve(s3Writer({ ...placeOf(key), contentType, partBytes })),

    remove: async (key) => {
      try {
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: objectKey(key) }));
      } catch (error) {
        if (statusOf(error) !== 404) throw s3Error(error, { operation: 'DeleteObject', url: url(key) });
      }
    },

    removeLeftovers: () => Promise.resolve(),
  };
}
