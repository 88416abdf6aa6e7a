import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, inject, it } from 'vitest';
import { openInputFolder, splitLocation } from '../../certification/storage/open-input-folder.ts';
import { createS3Client } from '../../certification/storage/s3-client.ts';
import type { InputFolder } from '../../certification/storage/input-folder.ts';
import { createBucket } from '../support/create-bucket.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const server = inject('s3');
const s3 = createS3Client({ endpoint: server.endpoint, credentials: server.root });

function fileFolder(objects: Record<string, string>): Promise<InputFolder> {
  const base = temporaryFolder();
  for (const [key, content] of Object.entries(objects)) {
    mkdirSync(dirname(join(base, key)), { recursive: true });
    writeFileSync(join(base, key), content);
  }
  return Promise.resolve(openInputFolder(base));
}

async function bucketFolder(objects: Record<string, string>): Promise<InputFolder> {
  const bucket = await createBucket({ server });
  for (const [key, content] of Object.entries(objects)) {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `in/${key}`, Body: Buffer.from(content) }));
  }
  return openInputFolder(`s3://${bucket}/in/`, { s3 });
}

const objects = { 'a/é 1.jpg': 'one', 'a/b/two.jpg': 'two', 'three.txt': '0123456789', '.hidden/x': 'h', 'a/.y': 'h' };

describe.each([
  ['of this machine', fileFolder],
  ['of a bucket', bucketFolder],
])('a folder of inputs %s', (_where, make) => {
  it('lists every object but hidden ones, or as many as are asked for', async () => {
    const folder = await make(objects);
    expect((await folder.list()).sort()).toEqual(['a/b/two.jpg', 'a/é 1.jpg', 'three.txt']);
    expect(await folder.list({ atMost: 1 })).toHaveLength(1);
    expect(await folder.list({ atMost: 3 })).toHaveLength(3);
  });

  it('tells sizes, and reads whole objects and ranges', async () => {
    const folder = await make(objects);
    const text = async (...args: Parameters<InputFolder['read']>) => Buffer.from(await folder.read(...args)).toString();
    expect(await folder.head('three.txt')).toMatchObject({ size: 10 });
    const { modified } = (await folder.head('three.txt')) ?? {};
    expect(Math.abs(Date.now() - (modified?.getTime() ?? 0))).toBeLessThan(60_000);
    expect(await folder.head('a')).toBeUndefined();
    expect(await folder.head('none')).toBeUndefined();
    expect(await text('a/é 1.jpg')).toBe('one');
    expect(await text('three.txt', { from: 2, to: 5 })).toBe('234');
    expect(await text('three.txt', { from: 9, to: 10 })).toBe('9');
    expect(await text('three.txt', { from: 4, to: 4 })).toBe('');
  });

  it('refuses what is not there, is too large or is cut off, each in one sentence', async () => {
    const folder = await make(objects);
    await expect(folder.read('none')).rejects.toMatchObject({ code: 'NotFound' });
    await expect(folder.read('three.txt', undefined, 9)).rejects.toMatchObject({
      code: 'InvalidRequest',
      message: expect.stringMatching(/three\.txt has 10 bytes, more than the 9 allowed for it\.$/) as string,
    });
    for (const range of [
      { from: 5, to: 11 },
      { from: 10, to: 12 },
    ]) {
      await expect(folder.read('three.txt', range)).rejects.toMatchObject({
        code: 'InvalidDataset',
        message: expect.stringMatching(
          new RegExp(`three\\.txt is truncated: it ends before its bytes ${range.from} to ${range.to - 1}\\.$`),
        ) as string,
      });
    }
    for (const key of ['../three.txt', '/etc/passwd', 'a//b', '']) {
      await expect(folder.read(key)).rejects.toMatchObject({ code: 'InvalidRequest' });
    }
  });

  it('is empty where there is none', async () => {
    const folder = await make({});
    expect(await folder.list()).toEqual([]);
  });
});

describe('a folder of this machine', () => {
  it('follows links within it, once round', async () => {
    const base = temporaryFolder();
    mkdirSync(join(base, 'images/cat'), { recursive: true });
    writeFileSync(join(base, 'images/cat/a.jpg'), 'a');
    symlinkSync('../images', join(base, 'images/loop'));
    symlinkSync('images/cat', join(base, 'kitten'));
    symlinkSync('images/cat/a.jpg', join(base, 'b.jpg'));
    const folder = openInputFolder(base);
    expect((await folder.list()).sort()).toEqual([
      'b.jpg',
      'images/cat/a.jpg',
      'images/loop/cat/a.jpg',
      'kitten/a.jpg',
    ]);
    expect(Buffer.from(await folder.read('kitten/a.jpg')).toString()).toBe('a');
  });

  it('refuses links out of it, listed or named', async () => {
    const outside = temporaryFolder();
    writeFileSync(join(outside, 'secret.jpg'), 's');
    for (const [name, target] of [
      ['file.jpg', join(outside, 'secret.jpg')],
      ['folder', outside],
    ]) {
      const base = temporaryFolder();
      symlinkSync(target, join(base, name));
      const folder = openInputFolder(base);
      const sentence = `${join(base, name)} is a symbolic link out of ${base}: put the file itself there, or name the folder that holds all files.`;
      await expect(folder.list()).rejects.toMatchObject({ code: 'InvalidDataset', message: sentence });
      const key = name === 'folder' ? 'folder/secret.jpg' : name;
      await expect(folder.read(key)).rejects.toMatchObject({ code: 'InvalidDataset' });
      await expect(folder.head(key)).rejects.toMatchObject({ code: 'InvalidDataset' });
    }
  });

  it('may itself be reached by a link', async () => {
    const base = temporaryFolder();
    mkdirSync(join(base, 'real'));
    writeFileSync(join(base, 'real/a'), 'a');
    symlinkSync('real', join(base, 'link'));
    expect(await openInputFolder(join(base, 'link')).list()).toEqual(['a']);
  });
});

it('a bucket’s folder of more than a page is listed whole', { timeout: 120_000 }, async () => {
  const keys = Array.from({ length: 2_100 }, (_, at) => `${at % 3 === 0 ? '' : `class ${at % 3}/`}${at}.jpg`);
  const folder = await bucketFolder(Object.fromEntries(keys.map((key) => [key, 'x'])));
  expect((await folder.list()).sort()).toEqual([...keys].sort());
});

describe('a location splits into folder and object', () => {
  it.each([
    ['a/b.npz', 'a', 'b.npz'],
    ['b.npz', '.', 'b.npz'],
    ['/b', '/', 'b'],
    ['s3://bucket/a/b/', 's3://bucket/a', 'b'],
    ['file:///a/b', 'file:///a', 'b'],
    ['file:///a%20b/c%20%7B0..9%7D.tar', 'file:///a%20b', 'c {0..9}.tar'],
    ['s3://bucket/a/50%25', 's3://bucket/a', '50%25'],
  ])('%s', (uri, folder, key) => {
    expect(splitLocation(uri)).toEqual({ folder, key });
  });
});
