import { describe, expect, it } from 'vitest';
import { isListed, type Dataset } from '../../certification/datasets/dataset.ts';
import { sha256Hex } from '../../certification/records/canonical-json.ts';
import { openBytes, openTestDataset, readTestFile } from './read-test-file.ts';
import { refusal } from './refusal.ts';

const images = { resize: 16, crop: 12, interpolation: 'bilinear', channels: 3 } as const;

const expected = JSON.parse(Buffer.from(await readTestFile('image-files.json')).toString()) as Record<
  string,
  { classNames: string[]; examples: { path: string; label: number }[] }
>;

/** The examples of a dataset as the tool that made them counts them. */
async function contents(dataset: Dataset) {
  if (!isListed(dataset)) throw new Error('It is held whole.');
  return Promise.all(
    Array.from({ length: dataset.examples }, async (_, index) => ({
      label: dataset.label(index),
      sha256: sha256Hex((await dataset.bytes(index)) ?? ''),
    })),
  );
}

async function expectedContents(set: string) {
  return Promise.all(
    expected[set].examples.map(async ({ path, label }) => ({ label, sha256: sha256Hex(await readTestFile(path)) })),
  );
}

const imagenet = {
  uri: 'imagenet-val',
  labels: 'imagenet-labels/LOC_val_solution.csv',
  classes: 'imagenet-labels/LOC_synset_mapping.txt',
  images,
};

describe('a folder of images', () => {
  it('with a folder a class has torchvision’s classes and order', async () => {
    const dataset = await openTestDataset({ uri: 'image-folder', images });
    expect(dataset.classNames).toEqual(expected['image-folder'].classNames);
    expect(await contents(dataset)).toEqual(await expectedContents('image-folder'));
    expect(dataset).toMatchObject({ shape: [3, 12, 12], kind: 'uint8', labels: { min: 0, max: 2 }, sha256: null });
  });

  it('orders class folders by their names, not by their paths', async () => {
    const png = await readTestFile('image-folder/dog/rgb.png');
    const files = { 'cat/a.png': png, 'cat-2/a.png': png, 'cat/b/c.png': png, 'cat/z.png': png };
    const dataset = await openBytes({ uri: 'd', format: 'image-folder' }, files);
    if (!isListed(dataset)) throw new Error('It is held whole.');
    expect([0, 1, 2, 3].map((index) => dataset.locate(index).key)).toEqual([
      'cat/a.png',
      'cat/z.png',
      'cat/b/c.png',
      'cat-2/a.png',
    ]);
    expect([0, 1, 2, 3].map((index) => dataset.label(index))).toEqual([0, 0, 0, 1]);
  });

  it.each([
    ['LOC_val_solution.csv and LOC_synset_mapping.txt', imagenet],
    ['Caffe’s val.txt', { ...imagenet, labels: 'imagenet-labels/val.txt', classes: undefined }],
    ['LOC_val_solution.csv, all of whose classes occur', { ...imagenet, classes: undefined }],
  ])('as ImageNet’s validation set is distributed, by %s', async (_name, location) => {
    const dataset = await openTestDataset(location);
    expect(await contents(dataset)).toEqual(await expectedContents('imagenet-val'));
  });

  it('by a CSV of path and label, quoted, with column names, and of classes by name', async () => {
    const png = await readTestFile('image-folder/dog/rgb.png');
    const labels = Buffer.from('\ufefffilename,class\r\n"a,b.png",dog\r\n./c/d.png,cat\r\n');
    const dataset = await openBytes(
      { uri: 'd', format: 'image-folder', labels: 'l.csv' },
      { 'a,b.png': png, 'c/d.png': png, 'l.csv': labels },
    );
    expect(dataset.classNames).toEqual(['cat', 'dog']);
    expect([dataset.label(0), dataset.label(1)]).toEqual([1, 0]);
    expect((await dataset.read(1)).values).toHaveLength(3 * 20 * 24);
  });

  it('by labels alone, in the order of the images’ names', async () => {
    const png = await readTestFile('image-folder/dog/rgb.png');
    const dataset = await openBytes(
      { uri: 'd', format: 'image-folder', labels: 'l' },
      { 'b.png': png, 'a.png': png, l: Buffer.from('7\n3\n') },
    );
    expect([dataset.label(0), dataset.label(1)]).toEqual([7, 3]);
  });
});

describe('a folder of images is refused in one sentence', () => {
  const file = new Uint8Array(9);
  const csv = (text: string) => ({ l: Buffer.from(text) });
  it.each<[string, Record<string, Uint8Array>, { labels?: string; classes?: string }, string]>([
    [
      'without images',
      { 'a/notes.txt': file },
      {},
      'd holds no images (.jpg, .jpeg, .png, .webp), tar or Parquet files: one of its 1 objects is a/notes.txt.',
    ],
    [
      'an image outside',
      { 'a.png': file, 'x/b.png': file },
      {},
      'd holds a.png outside of any class folder: name the file of its labels, or put it in one.',
    ],
    [
      'a class without images',
      { 'a/notes.txt': file, 'x/b.png': file },
      {},
      'd has the class folder a without an image: put one there, or remove it, since it counts as a class.',
    ],
    [
      'a class that is not listed',
      { 'a/b.png': file, c: Buffer.from('x\ny\n') },
      { classes: 'c' },
      'd has the class folder a, which is not in the list of classes.',
    ],
    [
      'a class listed twice',
      { 'a/b.png': file, c: Buffer.from('x\ny\nx\n') },
      { classes: 'c' },
      'c has the class "x" twice, on the lines 1 and 3.',
    ],
    [
      'an empty list of classes',
      { 'a/b.png': file, c: Buffer.from('\n') },
      { classes: 'c' },
      'c is empty, but one class a line was expected.',
    ],
    [
      'a gap in the list of classes',
      { 'a/b.png': file, c: Buffer.from('x\n\ny\n') },
      { classes: 'c' },
      'c has no class on line 2: expected one a line.',
    ],
    [
      'no labels',
      { 'b.png': file, ...csv('path,label\n') },
      { labels: 'l' },
      'l holds no labels: expected one a line.',
    ],
    [
      'a line too long',
      { 'b.png': file, ...csv('b.png,1\nc.png,2,3\n') },
      { labels: 'l' },
      'l, line 2, has 3 fields, but a path and a label were expected, or a label alone.',
    ],
    [
      'a label that is missing',
      { 'b.png': file, ...csv('b.png,\n') },
      { labels: 'l' },
      'l, line 1, lacks a path or a label.',
    ],
    [
      'names and indices mixed',
      { 'b.png': file, ...csv('b.png,1\nc.png,cat\n') },
      { labels: 'l' },
      'l, line 1, has the class index 1, but other lines have names: expected one or the other.',
    ],
    [
      'a class by an unknown name',
      { 'b.png': file, c: Buffer.from('x\ny\n'), ...csv('b.png,z\n') },
      { labels: 'l', classes: 'c' },
      'l, line 1, has the class "z", which is not in the list of classes.',
    ],
    [
      'a path that leads out',
      { 'b.png': file, ...csv('../b.png,1\n') },
      { labels: 'l' },
      'l names ../b.png, which leads out of the dataset: expected paths below d.',
    ],
    [
      'an absolute path',
      { 'b.png': file, ...csv('/etc/passwd,1\n') },
      { labels: 'l' },
      'l names /etc/passwd, which leads out of the dataset: expected paths below d.',
    ],
    ['a path twice', { 'b.png': file, ...csv('b.png,1\n./b.png,1\n') }, { labels: 'l' }, 'l names b.png twice.'],
    [
      'more labels than images',
      { 'b.png': file, ...csv('1\n2\n') },
      { labels: 'l' },
      'l holds 2 labels, but there are 1 images in d.',
    ],
    [
      'an image that is not there',
      { 'b.png': file, ...csv('c.png,1\n') },
      { labels: 'l' },
      'd lists test://c.png, which is not there.',
    ],
    [
      'no image that can be read',
      { 'x/b.png': file },
      {},
      'd: none of its first images can be read; of the first, its image is neither a JPEG, a PNG nor a WebP file.',
    ],
    [
      'labels that are no CSV',
      { 'b.png': file, ...csv('a,"b\n') },
      { labels: 'l' },
      'l is no CSV file: Quote Not Closed: the parsing is finished with an opening quote at line 1.',
    ],
  ])('%s', async (_what, files, location, sentence) => {
    expect(await refusal(openBytes({ uri: 'd', ...location }, files))).toBe(sentence);
  });

  it('classes for a format whose labels are numbers, and sizes for arrays', async () => {
    expect(await refusal(openTestDataset({ uri: 'grey.npz', classes: 'c' }))).toBe(
      'grey.npz is read as npz, whose labels are class indices: leave out c.',
    );
    expect(await refusal(openTestDataset({ uri: 'grey.npz', images }))).toBe(
      'grey.npz is read as npz, which holds arrays: "resize" and "crop" are for image files.',
    );
  });
});

describe('objects named together', () => {
  it('are read in the order of the braces, or of the names that a star stands for', async () => {
    const braces = await openTestDataset({ uri: 'web-dataset/test-{000001,000000}.tar', images });
    const star = await openTestDataset({ uri: 'web-dataset/test-*.tar', images });
    const all = await contents(star);
    expect(await contents(braces)).toEqual([...all.slice(3), ...all.slice(0, 3)]);
  });

  it('are refused where there are none, or where a format has one', async () => {
    expect(await refusal(openTestDataset({ uri: 'web-dataset/none-*.tar', images }))).toMatch(
      /^There is no object of the name none-\*\.tar in file:.*\/web-dataset\/\.$/,
    );
    expect(await refusal(openTestDataset({ uri: '{grey,float32}.npz' }))).toBe(
      '{grey,float32}.npz stands for 2 files, but npz is read of one.',
    );
  });
});
