import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { DatasetLocation } from '../../certification/datasets/open-dataset.ts';
import { openBytes, openTestDataset, readTestFile } from './read-test-file.ts';

interface Expected {
  shape: number[];
  kind: 'uint8' | 'float32';
  labels: number[];
  values: number[][];
}

const numpy = JSON.parse(Buffer.from(await readTestFile('expected.json')).toString()) as Record<string, Expected>;

function location(name: string): DatasetLocation {
  const [uri, layout] = name.split(' as ') as [string, 'NCHW' | 'NHWC' | undefined];
  return { uri, layout, labels: uri.includes('.idx') ? 'uint8-labels.idx' : undefined };
}

async function sameAsNumpy(given: DatasetLocation, { shape, kind, labels, values }: Expected): Promise<void> {
  const dataset = await openTestDataset(given);
  expect(dataset).toMatchObject({
    examples: labels.length,
    shape,
    kind,
    labels: { min: Math.min(...labels), max: Math.max(...labels) },
  });
  for (const [index, label] of labels.entries()) {
    const example = await dataset.read(index);
    expect(example).toMatchObject({ index, label });
    expect(example.values).toBeInstanceOf(kind === 'uint8' ? Uint8Array : Float32Array);
    expect(Array.from(example.values)).toEqual(values[index]);
  }
}

describe('a dataset read here is the dataset NumPy reads', () => {
  it.each(Object.keys(numpy))('%s', async (name) => {
    await sameAsNumpy(location(name), numpy[name]);
  });

  it.each(['uint8-labels.idx', 'uint8-labels.idx.gz', 'int32-labels.idx'])('with the labels of %s', async (labels) => {
    await sameAsNumpy({ uri: 'grey-images.idx', labels }, numpy['grey-images.idx']);
  });

  it('whatever byte of a buffer it begins at', async () => {
    const bytes = await readTestFile('stored.npz');
    const shifted = new Uint8Array(bytes.length + 1).subarray(1);
    shifted.set(bytes);
    const dataset = await openBytes({ uri: 'stored.npz' }, { 'stored.npz': shifted });
    expect(Array.from((await dataset.read(2)).values)).toEqual(numpy['stored.npz'].values[2]);
  });
});

describe('a dataset', () => {
  it('gives values that are the caller’s own', async () => {
    const dataset = await openTestDataset({ uri: 'grey.npz' });
    (await dataset.read(1)).values.fill(0);
    expect(Array.from((await dataset.read(1)).values)).toEqual(numpy['grey.npz'].values[1]);
  });

  it.each([-1, 4, 0.5])('has no example %d of 4', async (index) => {
    const dataset = await openTestDataset({ uri: 'grey.npz' });
    await expect(dataset.read(index)).rejects.toThrow(RangeError);
  });

  it('of one file has that file’s digest', async () => {
    const dataset = await openTestDataset({ uri: 'grey.npz' });
    const digest = createHash('sha256').update(await readTestFile('grey.npz'));
    expect(dataset.sha256).toBe(digest.digest('hex'));
  });

  it('has another digest with other labels', async () => {
    const digests = ['uint8-labels.idx', 'uint8-labels.idx.gz', 'int32-labels.idx'].map(
      async (labels) => (await openTestDataset({ uri: 'grey-images.idx', labels })).sha256,
    );
    expect(new Set(await Promise.all(digests)).size).toBe(3);
  });
});

describe('the format', () => {
  it('is told by the first bytes, whatever the name', async () => {
    const dataset = await openBytes({ uri: 'test.bin' }, { 'test.bin': await readTestFile('grey.npz') });
    expect(dataset.examples).toBe(4);
  });

  it('is what the request says', async () => {
    await expect(openTestDataset({ uri: 'grey.npz', labels: 'uint8-labels.idx', format: 'idx' })).rejects.toThrow(
      'grey.npz is not an IDX file of uint8 or int32: it begins with 50 4b 03 04, where 00 00 08 or 00 00 0c and the number of dimensions was expected.',
    );
  });
});
