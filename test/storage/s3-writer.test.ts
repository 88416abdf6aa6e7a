import { createHash } from 'node:crypto';
import { AbortMultipartUploadCommand, HeadObjectCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { openStore } from '../../certification/storage/open-store.ts';
import { createS3Client } from '../../certification/storage/s3-client.ts';
import type { Store } from '../../certification/storage/store.ts';
import { createBucket } from '../support/create-bucket.ts';
import { startS3Proxy } from '../support/s3-proxy.ts';
import { bytesOf } from './store-contract.ts';

const server = inject('s3');
const s3 = createS3Client({ endpoint: server.endpoint, credentials: server.root });
const MIB = 1024 * 1024;
/** S3's least for a part that isn't the last. */
const partBytes = 5 * MIB;

/** 12 MiB, so three parts, in pieces that fit no part. */
const bytes = Uint8Array.from({ length: 12 * MIB }, (_, at) => (at * 31 + (at >>> 13)) % 251);
const other = bytes.slice();
other[11 * MIB] ^= 1;
const digest = { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };

let bucket: string;
beforeAll(async () => {
  bucket = await createBucket({ server });
});

let prefixes = 0;
/** A fresh place in the bucket, seen by a client of the server or of a faulty one. */
function openFresh() {
  const prefix = `writer-${(prefixes += 1)}`;
  const uri = `s3://${bucket}/${prefix}`;
  return { uri, object: { Bucket: bucket, Key: `${prefix}/rows` }, store: openStore(uri, { s3 }) };
}

async function openFaulty(uri: string, handle: Parameters<typeof startS3Proxy>[0]['handle']) {
  const proxy = await startS3Proxy({ server, handle });
  onTestFinished(proxy.stop);
  return openStore(uri, { s3: createS3Client({ endpoint: proxy.endpoint, credentials: server.root }) });
}

async function begin(store: Store, content = bytes) {
  const writer = await store.writeIfAbsent('rows', { partBytes, contentType: 'text/plain' });
  const piece = MIB + 77_777;
  for (let at = 0; at < content.length; at += piece) {
    const scratch = content.slice(at, at + piece);
    await writer.write(scratch);
    scratch.fill(0);
  }
  return writer;
}

const write = async (store: Store, content = bytes) => (await begin(store, content)).finish();

/** Uploads that were begun and neither completed nor aborted. */
async function uploadsOf({ Bucket, Key }: { Bucket: string; Key: string }) {
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: Key }));
  return Uploads;
}

const fault = (status: number, name: string) =>
  Promise.resolve({
    status,
    headers: { 'content-type': 'application/xml' },
    body: Buffer.from(`<Error><Code>${name}</Code><Message>It said so.</Message></Error>`),
  });

const isCompletion = ({ method, path }: { method: string; path: string }) =>
  method === 'POST' && path.includes('uploadId=');

describe('an object larger than a part', () => {
  it('is there whole when it is finished, with its content type and a checksum of three parts, and not before', async () => {
    const { store, object } = openFresh();
    const writer = await begin(store);
    expect(await store.list('')).toEqual([]);
    expect(await uploadsOf(object)).toHaveLength(1);
    expect(await writer.finish()).toEqual({ outcome: 'created', ...digest });
    expect(Buffer.compare(await store.get('rows'), bytes)).toBe(0);
    const head = await s3.send(new HeadObjectCommand({ ...object, ChecksumMode: 'ENABLED' }));
    expect(head).toMatchObject({ ContentType: 'text/plain', ContentLength: bytes.length });
    expect(head.ChecksumSHA256).toMatch(/-3$/);
    expect(await uploadsOf(object)).toEqual([]);
  });

  it('is the same again, and a determinism violation with one other byte, and leaves no upload', async () => {
    const { store, object } = openFresh();
    await write(store);
    expect(await write(store)).toEqual({ outcome: 'same', ...digest });
    const refused = write(store, other);
    await expect(refused).rejects.toMatchObject({ code: 'DeterminismViolation' });
    await expect(refused).rejects.toThrow(`${store.url('rows')} is there already`);
    await expect(refused).rejects.toThrow(`SHA-256 ${digest.sha256} is there`);
    expect(Buffer.compare(await store.get('rows'), bytes)).toBe(0);
    expect(await uploadsOf(object)).toEqual([]);
  });

  it('is a determinism violation where a smaller one is there, and one that is smaller where a larger one is', async () => {
    const { store, object } = openFresh();
    await store.putIfAbsent('rows', bytesOf('small'));
    await expect(write(store)).rejects.toMatchObject({ code: 'DeterminismViolation' });
    expect(await uploadsOf(object)).toEqual([]);
    const large = openFresh();
    await write(large.store);
    await expect(write(large.store, bytes.slice(0, 10))).rejects.toMatchObject({ code: 'DeterminismViolation' });
  });

  it('is one writer’s of several that write it at once', async () => {
    const { store, object } = openFresh();
    const writers = await Promise.all([bytes, other, bytes, other].map((content) => begin(store, content)));
    const outcomes = await Promise.all(
      writers.map((writer) =>
        writer.finish().then(
          ({ outcome }) => outcome as string,
          (error: unknown) => (error as { code: string }).code,
        ),
      ),
    );
    const winner = outcomes.indexOf('created');
    const expected: string[] = [0, 1, 2, 3].map((at) => (at % 2 === winner % 2 ? 'same' : 'DeterminismViolation'));
    expect(outcomes).toEqual(expected.with(winner, 'created'));
    expect(Buffer.compare(await store.get('rows'), winner % 2 === 0 ? bytes : other)).toBe(0);
    expect(await uploadsOf(object)).toEqual([]);
  });

  it('leaves no upload behind where it is given up', async () => {
    const { store, object } = openFresh();
    const writer = await begin(store);
    expect(await uploadsOf(object)).toHaveLength(1);
    await writer.abort();
    expect(await uploadsOf(object)).toEqual([]);
    expect(await store.list('')).toEqual([]);
  });

  it.each([
    [
      'a part',
      ({ method, path }: { method: string; path: string }) => method === 'PUT' && path.includes('partNumber=2'),
    ],
    ['its completion', isCompletion],
  ])('leaves no upload behind where %s is refused', async (_, isRefused) => {
    const { uri, object, store } = openFresh();
    const faulty = await openFaulty(uri, (request, forward) =>
      isRefused(request) ? fault(403, 'AccessDenied') : forward(request),
    );
    await expect(write(faulty)).rejects.toMatchObject({ code: 'StoreRefused' });
    expect(await uploadsOf(object)).toEqual([]);
    expect(await store.list('')).toEqual([]);
  });
});

describe('a passing fault while an object is written in parts', () => {
  it('that damages a part is noticed by its checksum, and StoreUnavailable', async () => {
    const { uri, store, object } = openFresh();
    const faulty = await openFaulty(uri, (request, forward) => {
      if (request.method === 'PUT' && request.path.includes('partNumber=1')) {
        request.body.writeUInt8(request.body.readUInt8(1_000) ^ 1, 1_000);
      }
      return forward(request);
    });
    await expect(write(faulty)).rejects.toMatchObject({ code: 'StoreUnavailable' });
    expect(await store.list('')).toEqual([]);
    expect(await uploadsOf(object)).toEqual([]);
  });

  it('that answers 409 or 503 is tried again', async () => {
    const { uri, store } = openFresh();
    const faults = [
      { status: 409, name: 'ConditionalRequestConflict' },
      { status: 409, name: 'ConditionalRequestConflict' },
      { status: 503, name: 'SlowDown' },
    ];
    const faulty = await openFaulty(uri, (request, forward) => {
      const next = isCompletion(request) ? faults.shift() : undefined;
      return next === undefined ? forward(request) : fault(next.status, next.name);
    });
    expect(await write(faulty)).toMatchObject({ outcome: 'created' });
    expect(faults).toEqual([]);
    expect(Buffer.compare(await store.get('rows'), bytes)).toBe(0);
  });

  it.each([
    [404, 'NoSuchUpload'],
    [412, 'PreconditionFailed'],
  ])('that loses the answer to a completion that was done, and then gives %d %s, ends in `same`', async (...again) => {
    const { uri, store } = openFresh();
    let completions = 0;
    const faulty = await openFaulty(uri, async (request, forward) => {
      if (!isCompletion(request)) return forward(request);
      completions += 1;
      if (completions > 1) return fault(...again);
      const response = await forward(request);
      expect(response.status).toBe(200);
      return 'drop';
    });
    expect(await write(faulty)).toEqual({ outcome: 'same', ...digest });
    expect(completions).toBe(2);
    expect(Buffer.compare(await store.get('rows'), bytes)).toBe(0);
  });

  it.each([
    ['before its last part', bytes],
    ['before its completion', bytes.slice(0, 2 * partBytes)],
  ])('that takes the upload away %s is StoreUnavailable, as another try may succeed', async (_, content) => {
    const { store, object } = openFresh();
    const writer = await begin(store, content);
    for (const { UploadId } of await uploadsOf(object)) {
      await s3.send(new AbortMultipartUploadCommand({ ...object, UploadId }));
    }
    await expect(writer.finish()).rejects.toMatchObject({ code: 'StoreUnavailable' });
    expect(await write(store, content)).toMatchObject({ outcome: 'created' });
  });
});
