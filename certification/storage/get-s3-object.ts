import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, NoSuchKey, type GetObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { PerimeterError } from '../perimeter-error.ts';
import type { ByteRange } from './input-folder.ts';
import { digesting, objectDigest } from './object-digest.ts';
import { s3Error } from './s3-error.ts';
import type { ObjectDigest } from './store.ts';

/** The SDK tries a request again, not a body that breaks off. */
const BODY_ATTEMPTS = 3;
const BODY_WAIT_MS = 200;

type Source = { client: S3Client; bucket: string; key: string; range?: ByteRange | undefined };

/**
 * Reads an object of S3, or a part of one, and checks the whole it against the SHA-256 that was stored with it, where there is one.
 *
 * @param options.maxBytes refuse a larger one, before reading it
 * @param options.range only this part of it; fewer bytes where the object ends before, none where it begins behind
 * @throws PerimeterError `NotFound`, `StoreRefused`, `StoreUnavailable`, or `InvalidRequest` where it is too large
 */
export async function getS3Object(options: Source & { maxBytes?: number }): Promise<Uint8Array> {
  const { maxBytes = Infinity } = options;
  return withBody(options, async (answer, url) => {
    const size = answer.ContentLength ?? 0;
    if (size > maxBytes) {
      (answer.Body as { destroy?: () => void } | undefined)?.destroy?.();
      throw new PerimeterError('InvalidRequest', `${url} has ${size} bytes, more than the ${maxBytes} allowed for it.`);
    }
    const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
    checkBody(answer, objectDigest(bytes));
    return bytes;
  });
}

/**
 * Size and SHA-256 of an object of S3, which is read and not held; checked like `getS3Object`'s.
 *
 * @throws PerimeterError `NotFound`, `StoreRefused`, `StoreUnavailable`
 */
export async function digestS3Object(options: Omit<Source, 'range'>): Promise<ObjectDigest> {
  return withBody(options, async (answer) => {
    const { add, digest } = digesting();
    for await (const chunk of (answer.Body ?? []) as AsyncIterable<Uint8Array>) add(chunk);
    const found = digest();
    checkBody(answer, found);
    return found;
  });
}

/** Asks for an object, again where its body breaks off or is not what was stored. */
async function withBody<T>(
  { client, bucket, key, range }: Source,
  read: (answer: GetObjectCommandOutput, url: string) => Promise<T>,
): Promise<T> {
  const url = `s3://${bucket}/${key}`;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await request({ client, bucket, key, url, range });
    try {
      return await read(answer, url);
    } catch (error) {
      if (error instanceof PerimeterError) throw error;
      if (attempt === BODY_ATTEMPTS) throw s3Error(error, { operation: 'GetObject', url });
      await sleep(BODY_WAIT_MS * attempt);
    }
  }
}

async function request({ client, bucket, key, url, range }: Source & { url: string }): Promise<GetObjectCommandOutput> {
  const part =
    range === undefined ? { ChecksumMode: 'ENABLED' as const } : { Range: `bytes=${range.from}-${range.to - 1}` };
  try {
    return await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...part }));
  } catch (error) {
    // Behind the object's end there are no bytes.
    if (error instanceof Error && error.name === 'InvalidRange') return { $metadata: {} };
    if (error instanceof NoSuchKey) {
      throw new PerimeterError('NotFound', `There is no object ${url}.`, { cause: error });
    }
    throw s3Error(error, { operation: 'GetObject', url });
  }
}

function checkBody({ ChecksumSHA256: expected }: GetObjectCommandOutput, { sha256 }: ObjectDigest): void {
  // A composite of an upload in parts (`…-3`) is a digest of digests.
  if (expected === undefined || expected.includes('-')) return;
  const found = Buffer.from(sha256, 'hex').toString('base64');
  if (found !== expected) throw new Error(`the body has SHA-256 ${found}, the object ${expected}`);
}
