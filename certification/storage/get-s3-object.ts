import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, NoSuchKey, type GetObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { PerimeterError } from '../perimeter-error.ts';
import type { ByteRange } from './input-folder.ts';
import { s3Error } from './s3-error.ts';

/** The SDK tries a request again, not a body that breaks off. */
const BODY_ATTEMPTS = 3;
const BODY_WAIT_MS = 200;

/**
 * Reads an object of S3, or a part of one, and checks the whole it against the SHA-256 that was stored with it, where there is one.
 *
 * @param options.maxBytes refuse a larger one, before reading it
 * @param options.range only this part of it; fewer bytes where the object ends before, none where it begins behind
 * @throws PerimeterError `NotFound`, `StoreRefused`, `StoreUnavailable`, or `InvalidRequest` where it is too large
 */
export async function getS3Object(options: {
  client: S3Client;
  bucket: string;
  key: string;
  maxBytes?: number;
  range?: ByteRange | undefined;
}): Promise<Uint8Array> {
  const { client, bucket, key, maxBytes = Infinity, range } = options;
  const url = `s3://${bucket}/${key}`;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await request({ client, bucket, key, url, range });
    if (answer === undefined) return new Uint8Array();
    const size = answer.ContentLength ?? 0;
    if (size > maxBytes) {
      (answer.Body as { destroy?: () => void } | undefined)?.destroy?.();
      throw new PerimeterError('InvalidRequest', `${url} has ${size} bytes, more than the ${maxBytes} allowed for it.`);
    }
    try {
      return await readBody(answer);
    } catch (error) {
      if (attempt === BODY_ATTEMPTS) throw s3Error(error, { operation: 'GetObject', url });
      await sleep(BODY_WAIT_MS * attempt);
    }
  }
}

async function request(options: {
  client: S3Client;
  bucket: string;
  key: string;
  url: string;
  range: ByteRange | undefined;
}): Promise<GetObjectCommandOutput | undefined> {
  const { client, bucket, key, url, range } = options;
  const part =
    range === undefined ? { ChecksumMode: 'ENABLED' as const } : { Range: `bytes=${range.from}-${range.to - 1}` };
  try {
    return await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...part }));
  } catch (error) {
    if (error instanceof Error && error.name === 'InvalidRange') return undefined;
    if (error instanceof NoSuchKey) {
      throw new PerimeterError('NotFound', `There is no object ${url}.`, { cause: error });
    }
    throw s3Error(error, { operation: 'GetObject', url });
  }
}

async function readBody(answer: GetObjectCommandOutput): Promise<Uint8Array> {
  const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
  const expected = answer.ChecksumSHA256;
  // A composite of an upload in parts (`…-3`) is a digest of digests.
  if (expected !== undefined && !expected.includes('-')) {
    const found = createHash('sha256').update(bytes).digest('base64');
    if (found !== expected) throw new Error(`the body has SHA-256 ${found}, the object ${expected}`);
  }
  return bytes;
}
