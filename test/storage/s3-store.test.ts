import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { checkStore } from '../../certification/storage/check-store.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { readObject } from '../../certification/storage/read-object.ts';
import { createS3Client } from '../../certification/storage/s3-client.ts';
import { freePort } from '../../cli/dev/free-port.ts';
import { createBucket } from '../support/create-bucket.ts';
import { startS3Proxy } from '../support/s3-proxy.ts';
import { sendSigned } from '../support/send-signed.ts';
import { bytesOf, storeContract, textOf } from './store-contract.ts';

const server = inject('s3');
const s3 = createS3Client({ endpoint: server.endpoint, credentials: server.root });
const sampler = createS3Client({ endpoint: server.endpoint, credentials: server.sampler });

let bucket: string;
beforeAll(async () => {
  bucket = await createBucket({ server });
});

let prefixes = 0;
const freshUri = () => `s3://${bucket}/store ${(prefixes += 1)}/out`;

/** A store whose server is faulty in the way of `handle`. */
async function openFaulty(handle: Parameters<typeof startS3Proxy>[0]['handle'], uri = freshUri()) {
  const proxy = await startS3Proxy({ server, handle });
  onTestFinished(proxy.stop);
  const client = createS3Client({ endpoint: proxy.endpoint, credentials: server.root });
  return openStore(uri, { s3: client });
}

describe('a store in a bucket', () => {
  storeContract({
    openFresh: () => openStore(freshUri(), { s3 }),
    read: (uri, options) => readObject(uri, { ...options, s3 }),
    put: async (url, body) => {
      const path = `/${encodeURIComponent(url.slice('s3://'.length)).replaceAll('%2F', '/')}`;
      const request = { method: 'PUT', path, headers: {}, body: Buffer.from(body) };
      const { status } = await sendSigned({ request, endpoint: new URL(server.endpoint), credentials: server.root });
      expect(status).toBe(200);
    },
  });

  it('stores the content type and the SHA-256 with an object', async () => {
    const uri = freshUri();
    await openStore(uri, { s3 }).putIfAbsent('a.json', bytesOf('abc'), { contentType: 'application/json' });
    const Key = uri.slice(`s3://${bucket}/`.length) + '/a.json';
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key, ChecksumMode: 'ENABLED' }));
    expect(head.ContentType).toBe('application/json');
    // printf abc | sha256sum | xxd -r -p | base64
    expect(head.ChecksumSHA256).toBe('ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=');
  });

  it('may be the whole bucket, and does not list the folder markers of other tools', async () => {
    const name = await createBucket({ server });
    const store = openStore(`s3://${name}`, { s3 });
    await s3.send(new PutObjectCommand({ Bucket: name, Key: 'runs/', Body: new Uint8Array() }));
    await store.putIfAbsent('runs/a', bytesOf('x'));
    expect(await store.list('')).toEqual(['runs/a']);
    expect(store.url('runs/a')).toBe(`s3://${name}/runs/a`);
    await s3.send(new DeleteObjectCommand({ Bucket: name, Key: 'runs/' }));
  });
});

describe('a sampler, which may put shards alone', () => {
  it('writes a shard and reads everything, but is refused a manifest', async () => {
    const uri = freshUri();
    const store = openStore(uri, { s3: sampler });
    await openStore(uri, { s3 }).putIfAbsent('runs/a/plan.json', bytesOf('{}'));
    expect(textOf(await store.get('runs/a/plan.json'))).toBe('{}');
    expect(await store.putIfAbsent('runs/a/shards/00000.jsonl', bytesOf('row'))).toBe('created');
    expect(await store.putIfAbsent('runs/a/shards/00000.jsonl', bytesOf('row'))).toBe('same');
    await expect(store.putIfAbsent('runs/a/manifest.json', bytesOf('{}'))).rejects.toMatchObject({
      code: 'StoreRefused',
      message: `The store refused PutObject on ${uri}/runs/a/manifest.json: access is denied: allow it in the policy of the user or of the bucket.`,
      cause: expect.objectContaining({
        $metadata: expect.objectContaining({ httpStatusCode: 403 }) as unknown,
      }) as unknown,
    });
    expect(await store.has('runs/a/manifest.json')).toBe(false);
    await expect(store.remove('runs/a/plan.json')).rejects.toMatchObject({ code: 'StoreRefused' });
    await expect(checkStore(store)).rejects.toMatchObject({ code: 'StoreRefused' });
  });
});

describe('a store that cannot be used is refused with a sentence', () => {
  it('without its bucket', async () => {
    const store = openStore('s3://no-such-bucket/out', { s3 });
    const refusal = {
      code: 'StoreRefused',
      message: expect.stringMatching(
        /^The store refused \w+ on s3:\/\/no-such-bucket.*: the bucket does not exist: create it, or correct its name\.$/,
      ) as string,
    };
    await expect(store.get('a')).rejects.toMatchObject(refusal);
    await expect(store.head('a')).rejects.toMatchObject(refusal);
    await expect(store.list('')).rejects.toMatchObject(refusal);
    await expect(store.putIfAbsent('a', bytesOf('x'))).rejects.toMatchObject(refusal);
    await expect(checkStore(store)).rejects.toMatchObject(refusal);
    await expect(readObject('s3://no-such-bucket/model.onnx', { s3 })).rejects.toMatchObject(refusal);
  });

  it('with an unknown access key, or a wrong secret', async () => {
    const { endpoint, root } = server;
    const unknown = createS3Client({ endpoint, credentials: { ...root, accessKeyId: 'nobody' } });
    const wrong = createS3Client({ endpoint, credentials: { ...root, secretAccessKey: 'wrong' } });
    await expect(openStore(freshUri(), { s3: unknown }).putIfAbsent('a', bytesOf('x'))).rejects.toMatchObject({
      code: 'StoreRefused',
      message: expect.stringContaining('the access key is not known there: correct AWS_ACCESS_KEY_ID') as string,
    });
    await expect(openStore(freshUri(), { s3: wrong }).putIfAbsent('a', bytesOf('x'))).rejects.toMatchObject({
      code: 'StoreRefused',
      message: expect.stringContaining('the secret key does not belong to the access key') as string,
    });
    await expect(openStore(freshUri(), { s3: wrong }).head('a')).rejects.toMatchObject({ code: 'StoreRefused' });
  });

  it('without credentials', async () => {
    const said = await inProcessWith({ AWS_ENDPOINT_URL: server.endpoint }, `putIfAbsent('a', new Uint8Array())`);
    expect(said).toBe(
      `StoreRefused There are no AWS credentials for PutObject on s3://${bucket}/from-variables/a: ` +
        'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give this machine a role.',
    );
  });

  it('at an endpoint that refuses connections, as a fault that may pass', async () => {
    const endpoint = `http://127.0.0.1:${await freePort()}`;
    const store = openStore(freshUri(), { s3: createS3Client({ endpoint, credentials: server.root }) });
    await expect(store.putIfAbsent('a', bytesOf('x'))).rejects.toMatchObject({
      code: 'StoreUnavailable',
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
  });

  it('at an endpoint that is no address, or with a path style that is neither', () => {
    expect(() => createS3Client({ endpoint: 'localhost:9000' })).toThrow(
      'The S3 endpoint is localhost:9000: expected http://host or https://host.',
    );
    process.env.PERIMETER_S3_PATH_STYLE = 'yes';
    onTestFinished(() => {
      delete process.env.PERIMETER_S3_PATH_STYLE;
    });
    expect(() => createS3Client()).toThrow('PERIMETER_S3_PATH_STYLE is yes: expected true or false.');
  });
});

describe('the variables of the environment', () => {
  it('give endpoint, credentials and region to a process that sets nothing else', async () => {
    const credentials = {
      AWS_ACCESS_KEY_ID: server.root.accessKeyId,
      AWS_SECRET_ACCESS_KEY: server.root.secretAccessKey,
    };
    const call = `putIfAbsent('a', new TextEncoder().encode('x'))`;
    expect(await inProcessWith({ ...credentials, AWS_ENDPOINT_URL: server.endpoint }, call)).toBe('created');
    const both = { AWS_ENDPOINT_URL_S3: server.endpoint, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };
    expect(await inProcessWith({ ...credentials, ...both }, call)).toBe('same');
  });

  it('choose the path style: by default the path where an endpoint is given, else the host name', () => {
    const styleOf = (options: Parameters<typeof createS3Client>[0]) => createS3Client(options).config.forcePathStyle;
    expect(styleOf({ endpoint: 'http://127.0.0.1:9' })).toBe(true);
    expect(styleOf({})).toBe(false);
    process.env.PERIMETER_S3_PATH_STYLE = 'false';
    onTestFinished(() => {
      delete process.env.PERIMETER_S3_PATH_STYLE;
    });
    expect(styleOf({ endpoint: 'http://127.0.0.1:9' })).toBe(false);
  });
});

describe('the start-up check refuses a server', () => {
  it('that ignores If-None-Match', async () => {
    const store = await openFaulty((request, forward) => {
      delete request.headers['if-none-match'];
      return forward(request);
    });
    await expect(checkStore(store)).rejects.toMatchObject({
      code: 'StoreRefused',
      message: expect.stringContaining('replaced the first, so the server ignores the condition') as string,
    });
    expect(await store.list('')).toEqual([]);
  });

  it('that ignores If-None-Match where an upload in parts is completed', async () => {
    const store = await openFaulty((request, forward) => {
      if (request.method === 'POST') delete request.headers['if-none-match'];
      return forward(request);
    });
    await expect(checkStore(store)).rejects.toMatchObject({
      code: 'StoreRefused',
      message: expect.stringMatching(/parts can't hold runs: a second write .* replaced the first/) as string,
    });
    expect(await store.list('')).toEqual([]);
  });

  it('that looks first and writes then', async () => {
    const store = await openFaulty(async (request, forward) => {
      if (request.method === 'PUT') {
        const { host = '' } = request.headers;
        const found = await forward({ ...request, method: 'HEAD', headers: { host }, body: Buffer.of() });
        if (found.status === 404) delete request.headers['if-none-match'];
        await sleep(50);
      }
      return forward(request);
    });
    await expect(checkStore(store)).rejects.toMatchObject({
      code: 'StoreRefused',
      message: expect.stringMatching(/[2-8] of 8 concurrent writes .* were told they had created the object/) as string,
    });
    expect(await store.list('')).toEqual([]);
  });
});

describe('a passing fault of the network or the server', () => {
  it('that loses the answer to a put that was done ends in `same`', async () => {
    let lost = 0;
    const store = await openFaulty(async (request, forward) => {
      const response = await forward(request);
      if (request.method !== 'PUT' || lost > 0) return response;
      lost += 1;
      expect(response.status).toBe(200);
      return 'drop';
    });
    expect(await store.putIfAbsent('shards/0', bytesOf('rows'))).toBe('same');
    expect(lost).toBe(1);
    expect(textOf(await store.get('shards/0'))).toBe('rows');
  });

  it('that answers 409 ConditionalRequestConflict, or 503, is tried again', async () => {
    const faults = [
      { status: 409, name: 'ConditionalRequestConflict' },
      { status: 409, name: 'ConditionalRequestConflict' },
      { status: 503, name: 'SlowDown' },
    ];
    const store = await openFaulty((request, forward) => {
      const fault = request.method === 'PUT' ? faults.shift() : undefined;
      if (fault === undefined) return forward(request);
      const body = Buffer.from(`<Error><Code>${fault.name}</Code><Message>Please try again.</Message></Error>`);
      return Promise.resolve({ status: fault.status, headers: { 'content-type': 'application/xml' }, body });
    });
    expect(await store.putIfAbsent('shards/0', bytesOf('rows'))).toBe('created');
    expect(faults).toEqual([]);
  });

  it("that comes of a wrong clock is told from access that is denied, by the date of an answer that doesn't say why", async () => {
    // Far from any clock that the client could correct its own to.
    let year = 2_000;
    const store = await openFaulty((request, forward) => {
      if (request.method !== 'HEAD') return forward(request);
      const date = year === 0 ? new Date() : new Date(Date.UTC(year++, 0));
      const headers = { date: date.toUTCString(), 'x-amz-request-id': 'a' };
      return Promise.resolve({ status: 403, headers, body: Buffer.alloc(0) });
    });
    await expect(store.has('a')).rejects.toMatchObject({
      code: 'StoreUnavailable',
      message: expect.stringMatching(
        /^The store did not do HeadObject on .*: this machine's clock is wrong: set it\.$/,
      ) as string,
    });
    year = 0;
    await expect(store.has('a')).rejects.toMatchObject({
      code: 'StoreRefused',
      message: expect.stringContaining('access is denied') as string,
    });
  });

  it('that never ends is StoreUnavailable', async () => {
    let puts = 0;
    const store = await openFaulty((request, forward) => {
      if (request.method !== 'PUT') return forward(request);
      puts += 1;
      const body = Buffer.from('<Error><Code>InternalError</Code><Message>We failed.</Message></Error>');
      return Promise.resolve({ status: 500, headers: { 'content-type': 'application/xml' }, body });
    });
    await expect(store.putIfAbsent('a', bytesOf('x'))).rejects.toMatchObject({
      code: 'StoreUnavailable',
      message: expect.stringContaining('500 InternalError') as string,
    });
    expect(puts).toBeGreaterThan(1);
  });

  it('that damages a body, or breaks it off, is noticed and read again', async () => {
    const uri = freshUri();
    await openStore(uri, { s3 }).putIfAbsent('a', bytesOf('the bytes that were stored'));
    let reads = 0;
    const store = await openFaulty(async (request, forward) => {
      const response = await forward(request);
      if (request.method === 'GET' && (reads += 1) === 1) damage(response.body);
      return response;
    }, uri);
    expect(textOf(await store.get('a'))).toBe('the bytes that were stored');
    expect(reads).toBe(2);

    const damaged = await openFaulty(async (request, forward) => {
      const response = await forward(request);
      damage(response.body);
      return response;
    }, uri);
    await expect(damaged.get('a')).rejects.toMatchObject({ code: 'StoreUnavailable' });
  });
});

function damage(body: Buffer): void {
  body.writeUInt8(body.readUInt8(3) ^ 1, 3);
}

/** What a process of its own, with these `AWS_…` variables alone, gets from `call` on its store. */
async function inProcessWith(variables: Record<string, string>, call: string): Promise<string> {
  const module = new URL('../../certification/storage/open-store.ts', import.meta.url).href;
  const script = `
    const { openStore } = await import(${JSON.stringify(module)});
    const store = openStore('s3://${bucket}/from-variables');
    console.log(await store.${call}.catch((error) => error.code + ' ' + error.message));`;
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', ...variables };
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return line.toString().trim();
}
