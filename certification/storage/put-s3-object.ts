import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand, S3ServiceException, type S3Client } from '@aws-sdk/client-s3';
import { PerimeterError } from '../perimeter-error.ts';
import { s3Error } from './s3-error.ts';

/** A conflict is between two requests, and over when one of them is. */
const CONFLICT_ATTEMPTS = 8;
const CONFLICT_WAIT_MS = 50;

/** An object's place and how it is called in a message. */
export type S3Place = { client: S3Client; bucket: string; key: string; url: string };

/**
 * Writes an object of S3 that isn't there yet, in one request.
 *
 * @returns false where one is there already
 */
export function putS3Object(options: S3Place & { bytes: Uint8Array; contentType: string }): Promise<boolean> {
  const { client, bucket, key, url, bytes, contentType } = options;
  const put = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: bytes,
    ContentType: contentType,
    ChecksumSHA256: createHash('sha256').update(bytes).digest('base64'),
    IfNoneMatch: '*',
  });
  return sendIfAbsent({ operation: 'PutObject', url, send: () => client.send(put) });
}

/**
 * Sends a request with `If-None-Match: *`, again where it met a conflict.
 *
 * @returns false where an object is there already: another's, or this request's own, whose answer was lost and which
 *   the SDK sent again
 */
export async function sendIfAbsent(options: {
  operation: string;
  url: string;
  send: () => Promise<unknown>;
}): Promise<boolean> {
  const { operation, url, send } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await send();
      return true;
    } catch (error) {
      const status = statusOf(error);
      // Without its upload a completion was done already, or can't be.
      if (status === 412 || isNoSuchUpload(error)) return false;
      if (status !== 409) throw s3Error(error, { operation, url });
      if (attempt === CONFLICT_ATTEMPTS) {
        throw new PerimeterError('StoreUnavailable', `Writing ${url} met a conflict ${attempt} times.`, {
          cause: error,
        });
      }
      await sleep(CONFLICT_WAIT_MS * attempt * (0.5 + Math.random()));
    }
  }
}

/** The HTTP status that a request was answered with; undefined where there was no answer. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

export function isNoSuchUpload(error: unknown): boolean {
  return error instanceof Error && error.name === 'NoSuchUpload';
}
