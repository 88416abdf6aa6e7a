import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCifarBinary, type CifarVariant } from '../../certification/datasets/cifar-binary.ts';
import type { Dataset } from '../../certification/datasets/dataset.ts';
import { listIdx } from '../../certification/datasets/idx-listing.ts';
import type { Listing } from '../../certification/datasets/listing.ts';
import { readNpyPair } from '../../certification/datasets/npy-dataset.ts';
import { listNpz } from '../../certification/datasets/npz-listing.ts';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { listNpy } from '../../certification/datasets/npy-listing.ts';
import { bytesFolder } from './bytes-folder.ts';
import { readRange } from './expected-examples.ts';
import { openTestDataset, readTestFile } from './read-test-file.ts';
import { refusal } from './refusal.ts';

interface Expected {
  readonly shape: number[];
  readonly labels: number[];
  /** Of each example's values, float32 in little-endian order. */
  readonly sha256: string[];
}

const expected = JSON.parse(readFileSync(new URL('files/image-files.json', import.meta.url), 'utf8')) as Record<
  string,
  Expected
>;

const sha256 = (values: Uint8Array | Float32Array) =>
  createHash('sha256')
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest('hex');

async function contents(dataset: Dataset): Promise<Expected> {
  const examples = await Promise.all(Array.from({ length: dataset.examples }, (_, index) => dataset.read(index)));
  return {
    shape: [...dataset.shape],
    labels: examples.map(({ label }) => label),
    sha256: examples.map(({ values }) => sha256(values)),
  };
}

/** What a listing's bytes stand for, channels first. */
async function listedContents(listing: Listing, read: ReturnType<typeof readRange>): Promise<Expected> {
  if (listing.encoding.type !== 'array') throw new Error('not an array');
  const { element, littleEndian, stored, channelsLast } = listing.encoding;
  const shape = channelsLast ? [stored[2], stored[0], stored[1]] : stored.length === 2 ? [1, ...stored] : [...stored];
  const found: string[] = [];
  for (let index = 0; index < listing.examples; index++) {
    const bytes = await read(listing.locate(index));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const values =
      element === 'uint8'
        ? bytes
        : Float32Array.from({ length: bytes.length / 4 }, (_, at) => view.getFloat32(4 * at, littleEndian));
    const [channels] = shape;
    const pixels = values.length / channels;
    const moved = values.map((_, at) => values[(at % pixels) * channels + Math.floor(at / pixels)]);
    found.push(sha256(channelsLast ? moved : values));
  }
  return { shape, labels: [...listing.labels], sha256: found };
}

const arrays = ['uint8', 'channels-last', 'float32', 'float32-big-endian', 'features'];
const file = async (name: string) => ({ name, bytes: await readTestFile(name) });

describe('NPY files of images and labels are read as NumPy reads them', () => {
  it.each(arrays)('%s, held whole', async (name) => {
    const images = await file(`arrays/${name}.npy`);
    const dataset = readNpyPair({ images, labels: await file('arrays/labels.npy') });
    expect(await contents(dataset)).toEqual(expected[images.name]);
  });

  it.each(arrays)('%s, by ranges', async (name) => {
    const images = `arrays/${name}.npy`;
    const folder = bytesFolder();
    const listing = await listNpy(folder, { images, labels: 'arrays/int32-labels.npy' });
    expect(folder.reads.map(({ key }) => key)).toEqual([images, 'arrays/int32-labels.npy', 'arrays/int32-labels.npy']);
    expect(await listedContents(listing, readRange(folder))).toEqual(expected[images]);
    expect(() => listing.locate(5)).toThrow(new RangeError('example 5 of 5'));
  });

  it('of what is read by ranges only the header is read at first', async () => {
    const header = (await readTestFile('arrays/uint8.npy')).subarray(0, 128);
    const text = Buffer.from(header).toString('latin1').replace('(5, 3, 6, 8), }       ', '(5, 3, 600, 800), }   ');
    const images = Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(5 * 3 * 600 * 800)]);
    const folder = bytesFolder({ 'images.npy': images });
    const listing = await listNpy(folder, { images: 'images.npy', labels: 'arrays/labels.npy' });
    expect(listing.locate(4)).toEqual({ key: 'images.npy', range: [images.length - 1_440_000, images.length] });
    expect(folder.reads[0].range).toEqual({ from: 0, to: 4096 });
  });

  it('a header may be longer than what is read at first', async () => {
    const old = Buffer.from(await readTestFile('arrays/uint8.npy'));
    const long = Buffer.concat([old.subarray(0, 127), Buffer.alloc(5000, ' '), old.subarray(127)]);
    long.writeUInt16LE(118 + 5000, 8);
    const folder = bytesFolder({ 'long.npy': long });
    const listing = await listNpy(folder, { images: 'long.npy', labels: 'arrays/labels.npy' });
    expect(await listedContents(listing, readRange(folder))).toEqual(expected['arrays/uint8.npy']);
  });
});

describe('NPZ files are read by ranges as they are when held whole', () => {
  it('where they are stored', async () => {
    const folder = bytesFolder();
    const listing = await listNpz(folder, { file: 'stored.npz' });
    const whole = await contents(await openTestDataset({ uri: 'stored.npz' }));
    expect(await listedContents(listing, readRange(folder))).toEqual(whole);
    expect(folder.reads.length).toBeLessThan(20);
  });

  it('and refused where they are not, or are damaged', async () => {
    const listed = (name: string, files = {}) => refusal(listNpz(bytesFolder(files), { file: name }));
    expect(await listed('grey.npz')).toBe(
      'images.npy in test://grey.npz is compressed, but parts of it have to be read: save it with numpy.savez.',
    );
    expect(await listed('bad-names.npz')).toBe('test://bad-names.npz has no array "images"; it holds x_test, y_test.');
    const whole = await readTestFile('stored.npz');
    expect(await listed('a.npz', { 'a.npz': whole.subarray(0, 500) })).toBe(
      'test://a.npz is not a whole zip file: End of central directory record signature not found. Either not a zip file, or file is truncated.',
    );
    for (let length = 0; length < whole.length; length += 7) {
      await listed('a.npz', { 'a.npz': whole.subarray(0, length) });
    }
    for (let at = 0; at < whole.length; at++) {
      const damaged = whole.slice();
      damaged[at] ^= 0xff;
      const reading = listNpz(bytesFolder({ 'a.npz': damaged }), { file: 'a.npz' });
      if ((await reading.catch(() => null)) === null) await refusal(reading);
    }
  });

  it('a fault of the folder is told as it is', async () => {
    const folder = { ...bytesFolder(), read: () => Promise.reject(new PerimeterError('StoreUnavailable', 'Later.')) };
    await expect(listNpz(folder, { file: 'stored.npz' })).rejects.toMatchObject({ code: 'StoreUnavailable' });
  });
});

describe('IDX files are read by ranges as they are when held whole', () => {
  it.each(['grey-images.idx', 'colour-images.idx'])('%s', async (images) => {
    const folder = bytesFolder();
    for (const labels of ['uint8-labels.idx', 'int32-labels.idx']) {
      const listing = await listIdx(folder, { images, labels });
      const whole = await contents(await openTestDataset({ uri: images, labels }));
      expect(await listedContents(listing, readRange(folder))).toEqual(whole);
    }
    const layout = 'NHWC';
    const listing = await listIdx(folder, { images, labels: 'uint8-labels.idx', layout });
    const whole = await contents(await openTestDataset({ uri: images, labels: 'uint8-labels.idx', layout }));
    expect(await listedContents(listing, readRange(folder))).toEqual(whole);
  });
});

describe('CIFAR’s binary versions', () => {
  it.each<CifarVariant>(['cifar10', 'cifar100'])('%s', async (variant) => {
    const dataset = readCifarBinary({ file: await file(`arrays/${variant}.bin`), variant });
    expect(await contents(dataset)).toEqual(expected[`arrays/${variant}.bin`]);
    expect(dataset.kind).toBe('uint8');
  });
});

describe('each unreadable array is refused in one sentence', () => {
  const label = (name: string) => `arrays/${name}.npy`;
  const listing = (images: string, labels = label('labels'), files: Record<string, Uint8Array> = {}) =>
    refusal(listNpy(bytesFolder(files), { images, labels }));

  it('NPY, by ranges', async () => {
    expect(await listing('none.npy')).toBe('test://none.npy is part of the dataset, but there is no such file.');
    expect(await listing('grey.npz')).toBe('test://grey.npz is not an NPY array of version 1 to 3.');
    expect(await listing(label('labels'))).toBe(
      'test://arrays/labels.npy has the element type i8, but images are uint8 (0 to 255) or float32 (0 to 1).',
    );
    expect(await listing(label('uint8'), label('features'))).toBe(
      'test://arrays/features.npy has the shape 5×8, but one label for each example was expected.',
    );
    const whole = await readTestFile(label('uint8'));
    expect(await listing('a.npy', undefined, { 'a.npy': whole.subarray(0, 50) })).toBe(
      'test://a.npy is truncated: it ends within its header.',
    );
    expect(await listing('a.npy', undefined, { 'a.npy': whole.subarray(0, 500) })).toBe(
      'test://a.npy holds 372 bytes after its header, but the header declares 5×3×6×8 of u1, which makes 720.',
    );
    const fortran = Buffer.from(Buffer.from(whole).toString('latin1').replace('False', 'True '), 'latin1');
    expect(await listing('a.npy', undefined, { 'a.npy': fortran })).toBe(
      'test://a.npy is stored in Fortran order, but C order was expected: save numpy.ascontiguousarray of it.',
    );
    const fewer = Buffer.from(Buffer.from(whole).toString('latin1').replace('(5, 3, 6', '(4, 3, 6'), 'latin1');
    expect(await listing('a.npy', undefined, { 'a.npy': fewer.subarray(0, 128 + 576) })).toBe(
      'test://arrays/labels.npy holds 5 labels, but test://a.npy holds 4 examples.',
    );
    const many = bytesFolder({ 'a.npy': fewer.subarray(0, 128 + 576) });
    await refusal(listNpy(many, { images: 'a.npy', labels: label('labels') }));
    expect(many.reads, 'the labels that are too many are not read').toHaveLength(2);
    const header = Buffer.alloc(100_000);
    header.write('\x93NUMPY\x02\x00', 'latin1');
    header.writeUInt32LE(90_000, 8);
    expect(await listing('a.npy', undefined, { 'a.npy': header })).toBe(
      'test://a.npy has an NPY header of 90012 bytes, but at most 65536 are read.',
    );
    const negative = Buffer.from(await readTestFile(label('labels')));
    negative.writeBigInt64LE(-1n, 128);
    expect(await listing(label('uint8'), 'l.npy', { 'l.npy': negative })).toBe(
      'Example 0 has the label -1 in test://l.npy, but labels are class indices from 0 up.',
    );
  });

  it('IDX, by ranges', async () => {
    const listed = (images: string, labels: string) => refusal(listIdx(bytesFolder(), { images, labels }));
    expect(await listed('grey-images.idx.gz', 'uint8-labels.idx')).toBe(
      'test://grey-images.idx.gz is compressed by gzip, but parts of it have to be read: decompress it (gunzip).',
    );
    expect(await listed('uint8-labels.idx', 'uint8-labels.idx')).toBe(
      'test://uint8-labels.idx is an IDX file of shape 4, uint8, but images are uint8, N×height×width or N×channels×height×width.',
    );
    expect(await listed('grey-images.idx', 'grey-images.idx')).toBe(
      'test://grey-images.idx is an IDX file of shape 4×5×6, but labels have one dimension.',
    );
    const cut = { 'cut.idx': (await readTestFile('grey-images.idx')).subarray(0, 100) };
    expect(await refusal(listIdx(bytesFolder(cut), { images: 'cut.idx', labels: 'uint8-labels.idx' }))).toBe(
      'test://cut.idx holds 100 bytes, but its header declares 4×5×6 of uint8, which makes 136: it is truncated.',
    );
  });

  it('CIFAR', async () => {
    const read = async (variant: CifarVariant, bytes: Uint8Array) =>
      refusal(Promise.resolve().then(() => readCifarBinary({ file: { name: 'a.bin', bytes }, variant })));
    const ten = await readTestFile('arrays/cifar10.bin');
    const hundred = await readTestFile('arrays/cifar100.bin');
    expect(await read('cifar10', hundred)).toBe(
      "a.bin holds 6148 bytes, but CIFAR-10's binary version has records of 3073 bytes: is it CIFAR-100's, another version, or truncated?",
    );
    expect(await read('cifar100', ten.subarray(0, 3074))).toBe(
      "Example 0 of a.bin has the fine label 209, but CIFAR-100's are 0 to 99: is it CIFAR-10's or another file?",
    );
    expect(await read('cifar10', new Uint8Array())).toBe(
      "a.bin holds 0 bytes, but CIFAR-10's binary version has records of 3073 bytes: is it CIFAR-100's, another version, or truncated?",
    );
    ten[3073] = 10;
    expect(await read('cifar10', ten)).toBe(
      "Example 1 of a.bin has the label 10, but CIFAR-10's are 0 to 9: is it CIFAR-100's or another file?",
    );
    hundred[0] = 20;
    expect(await read('cifar100', hundred)).toBe(
      "Example 0 of a.bin has the coarse label 20, but CIFAR-100's are 0 to 19: is it CIFAR-10's or another file?",
    );
  });
});
