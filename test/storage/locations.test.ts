import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openStore } from '../../certification/storage/open-store.ts';
import { parseLocation } from '../../certification/storage/parse-location.ts';
import { readObject } from '../../certification/storage/read-object.ts';

const folder = mkdtempSync(join(tmpdir(), 'perimeter-locations-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('a location', () => {
  it.each([
    ['file:///data/a%20b', { kind: 'file', path: '/data/a b' }],
    ['/data/../x/', { kind: 'file', path: '/x' }],
    ['runs', { kind: 'file', path: join(process.cwd(), 'runs') }],
    ['a:b/c', { kind: 'file', path: join(process.cwd(), 'a:b/c') }],
    ['s3://bucket', { kind: 's3', bucket: 'bucket', key: '' }],
    ['s3://bucket/', { kind: 's3', bucket: 'bucket', key: '' }],
    ['s3://my.bucket/a b/%41', { kind: 's3', bucket: 'my.bucket', key: 'a b/%41' }],
  ])('%j is read', (uri, location) => {
    expect(parseLocation(uri)).toEqual(location);
  });

  it.each([
    ['', 'A location is empty'],
    ['gs://bucket/x', 'gs://bucket/x begins with gs://: expected a path, file:// or s3://.'],
    ['https://host/x', 'expected a path, file:// or s3://.'],
    ['file://runs/a', 'file://runs/a is not a file address: expected file:///absolute/path'],
    ['s3://', 'names no bucket'],
    ['s3:///key', 'names no bucket'],
    ['s3://no spaces/key', 'names no bucket'],
    ['a\0b', 'zero byte'],
  ])('%j is refused with a sentence', (uri, sentence) => {
    expect(() => openStore(uri)).toThrow(expect.objectContaining({ code: 'InvalidRequest' }));
    expect(() => openStore(uri)).toThrow(sentence);
  });

  it('of a store may not leave its bucket', () => {
    expect(() => openStore('s3://bucket/a/../b')).toThrow("has a '.' or '..'");
    expect(openStore('s3://bucket/a/b//').url('c')).toBe('s3://bucket/a/b/c');
  });
});

describe('readObject', () => {
  it('says that a file is missing, that a folder is no file, and that a bucket is no object', async () => {
    await expect(readObject(join(folder, 'missing.onnx'))).rejects.toMatchObject({
      code: 'NotFound',
      message: `There is no file ${join(folder, 'missing.onnx')}.`,
    });
    await expect(readObject(folder)).rejects.toMatchObject({
      code: 'InvalidRequest',
      message: `${folder} is a folder: expected a file.`,
    });
    for (const uri of ['s3://bucket', 's3://bucket/', 's3://bucket/folder/']) {
      await expect(readObject(uri)).rejects.toMatchObject({
        code: 'InvalidRequest',
        message: `${uri} names no object: expected s3://bucket/key.`,
      });
    }
  });
});
