import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3';
import { PerimeterError } from '../perimeter-error.ts';
import { compareObjects } from './compare-objects.ts';
import { digestS3Object } from './get-s3-object.ts';
import { digesting } from './object-digest.ts';
import { isNoSuchUpload, putS3Object, sendIfAbsent, type S3Place } from './put-s3-object.ts';
import { s3Error } from './s3-error.ts';
import type { ObjectDigest, ObjectWriter } from './store.ts';

/** Above S3's least of 5 MiB, and small beside a process; S3's most of 10,000 parts then hold 78 GiB. */
const PART_BYTES = 8 * 1024 * 1024;

/**
 * An object of S3 that is written as it comes: in one request where it is smaller than a part, else by an upload in
 * parts, whose completion is on the condition that no object is there. Each part is sent with its SHA-256; S3 keeps
 * their composite. Parts are all of one size but the last, which some servers ask for.
 */
export function s3Writer(place: S3Place & { contentType: string; partBytes?: number }): ObjectWriter {
  const { client, bucket, key, url, contentType, partBytes = PART_BYTES } = place;
  const whole = digesting();
  const parts: CompletedPart[] = [];
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let upload: { Bucket: string; Key: string; UploadId: string | undefined } | undefined;

  const sendPart = async () => {
    upload ??= await beginUpload();
    const bytes = Buffer.concat(held);
    held = [];
    heldBytes = 0;
    const part = {
      PartNumber: parts.length + 1,
      ChecksumSHA256: createHash('sha256').update(bytes).digest('base64'),
    };
    try {
      const { ETag } = await client.send(new UploadPartCommand({ ...upload, ...part, Body: bytes }));
      parts.push({ ...part, ETag });
    } catch (error) {
      if (isNoSuchUpload(error)) throw uploadGone(url, error);
      throw s3Error(error, { operation: 'UploadPart', url });
    }
  };

  const beginUpload = async () => {
    const object = { Bucket: bucket, Key: key };
    try {
      const { UploadId } = await client.send(
        new CreateMultipartUploadCommand({ ...object, ContentType: contentType, ChecksumAlgorithm: 'SHA256' }),
      );
      return { ...object, UploadId };
    } catch (error) {
      throw s3Error(error, { operation: 'CreateMultipartUpload', url });
    }
  };

  /** @returns false where an object is there already. */
  const complete = async (size: number): Promise<boolean> => {
    if (upload === undefined) return putS3Object({ ...place, bytes: Buffer.concat(held) });
    if (heldBytes > 0) await sendPart();
    const command = new CompleteMultipartUploadCommand({
      ...upload,
      MultipartUpload: { Parts: parts },
      MpuObjectSize: size,
      IfNoneMatch: '*',
    });
    return sendIfAbsent({ operation: 'CompleteMultipartUpload', url, send: () => client.send(command) });
  };

  const abort = async () => {
    held = [];
    if (upload === undefined) return;
    const ended = upload;
    upload = undefined;
    // Who asked knows of a worse failure already. Parts that stay are no object; a bucket's lifecycle rule removes them.
    await client.send(new AbortMultipartUploadCommand(ended)).catch(() => undefined);
  };

  const orAbort = async <T>(doing: () => Promise<T>): Promise<T> => {
    try {
      return await doing();
    } catch (error) {
      await abort();
      throw error;
    }
  };

  return {
    abort,
    write: (bytes) =>
      orAbort(async () => {
        whole.add(bytes);
        for (let at = 0; at < bytes.length;) {
          const piece = bytes.slice(at, at + partBytes - heldBytes);
          held.push(piece);
          heldBytes += piece.length;
          at += piece.length;
          if (heldBytes === partBytes) await sendPart();
        }
      }),
    finish: () =>
      orAbort(async () => {
        const written = whole.digest();
        if (await complete(written.size)) {
          upload = undefined;
          return { outcome: 'created', ...written };
        }
        await abort();
        return { outcome: compareObjects({ url, written, found: await digestFound(place) }), ...written };
      }),
  };
}

/** What is there instead of what was written; nothing, where somebody cleaned the upload away. */
async function digestFound(place: S3Place): Promise<ObjectDigest> {
  try {
    return await digestS3Object(place);
  } catch (error) {
    if (!(error instanceof PerimeterError) || error.code !== 'NotFound') throw error;
    throw uploadGone(place.url, error);
  }
}

function uploadGone(url: string, cause: unknown): PerimeterError {
  return new PerimeterError('StoreUnavailable', `The upload of ${url} was gone before it was done.`, { cause });
}
