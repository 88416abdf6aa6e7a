import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, NoSuchKey, PutObjectCommand } from '@aws-sdk/client-s3';
import { PerimeterError } from '../perimeter-error.ts';
import { statusOf, type S3Place } from './put-s3-object.ts';
import { s3Error } from './s3-error.ts';

/** Of a hundred writers at once each is behind some others; more than that share no object. */
const ATTEMPTS = 200;
const WAIT_MS = 20;
const MAX_WAIT_MS = 1_000;

/**
 * Changes an object of S3 by compare-and-swap (`If-Match`), as `Store.update` says.
 *
 * @throws PerimeterError `StoreRefused`; `StoreUnavailable`, also where other writers came between every time.
 */
export async function updateS3Object(
  options: S3Place & { change: (there: Uint8Array | undefined) => Uint8Array; contentType: string },
): Promise<void> {
  const { client, bucket, key, url, change, contentType } = options;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const { bytes, etag } = await readVersion(options);
    const changed = change(bytes);
    if (bytes !== undefined && Buffer.compare(bytes, changed) === 0) return;
    const condition = etag === undefined ? { IfNoneMatch: '*' } : { IfMatch: etag };
    const ChecksumSHA256 = createHash('sha256').update(changed).digest('base64');
    const object = { Bucket: bucket, Key: key, Body: changed, ContentType: contentType, ChecksumSHA256 };
    try {
      await client.send(new PutObjectCommand({ ...object, ...condition }));
      return;
    } catch (error) {
      // Another writer came first, is at it, or removed what was there.
      if (![404, 409, 412].includes(statusOf(error) ?? 0) || isNoBucket(error)) {
        throw s3Error(error, { operation: 'PutObject', url });
      }
    }
    await sleep(Math.min(WAIT_MS * (attempt + 1), MAX_WAIT_MS) * Math.random());
  }
  throw new PerimeterError('StoreUnavailable', `${url} was changed by others ${ATTEMPTS} times while it was written.`);
}

async function readVersion({ client, bucket, key, url }: S3Place): Promise<{ bytes?: Uint8Array; etag?: string }> {
  try {
    const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
    return { bytes, ...(answer.ETag !== undefined && { etag: answer.ETag }) };
  } catch (error) {
    if (error instanceof NoSuchKey) return {};
    throw s3Error(error, { operation: 'GetObject', url });
  }
}

function isNoBucket(error: unknown): boolean {
  return error instanceof Error && error.name === 'NoSuchBucket';
}
