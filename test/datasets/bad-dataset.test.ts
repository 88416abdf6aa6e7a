import { gzipSync, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { DatasetLocation } from '../../certification/datasets/open-dataset.ts';
import { openBytes, openTestDataset, readTestFile } from './read-test-file.ts';
import { refusal } from './refusal.ts';

/** It was refused while it was unpacked, not after. */
async function stoppedUnpacking(opening: Promise<unknown>): Promise<void> {
  await expect(opening).rejects.toMatchObject({ cause: { code: 'ERR_BUFFER_TOO_LARGE' } });
}

const labels = 'uint8-labels.idx';

describe('each unreadable dataset is refused in one sentence', () => {
  const cases: [DatasetLocation, string][] = [
    [
      { uri: 'bad-nan.npz' },
      'Example 2 of "images" of bad-nan.npz holds NaN at position 34 of 90, but every value must be a finite number.',
    ],
    [
      { uri: 'bad-infinity.npz' },
      'Example 3 of "images" of bad-infinity.npz holds -Infinity at position 0 of 90, but every value must be a finite number.',
    ],
    [
      { uri: 'bad-float64.npz' },
      '"images" of bad-float64.npz has the element type f8, but images are uint8 (0 to 255) or float32 (0 to 1).',
    ],
    [
      { uri: 'bad-fortran.npz' },
      '"images" of bad-fortran.npz is stored in Fortran order, but C order was expected: save numpy.ascontiguousarray of it.',
    ],
    [
      { uri: 'bad-label-count.npz' },
      '"labels" of bad-label-count.npz holds 3 labels, but "images" of bad-label-count.npz holds 4 examples.',
    ],
    [
      { uri: 'bad-negative-label.npz' },
      'Example 2 has the label -1 in "labels" of bad-negative-label.npz, but labels are class indices from 0 up.',
    ],
    [
      { uri: 'bad-huge-label.npz' },
      'Example 2 has the label 1099511627776 in "labels" of bad-huge-label.npz, but labels are class indices from 0 up.',
    ],
    [
      { uri: 'bad-float-labels.npz' },
      '"labels" of bad-float-labels.npz has the element type f4, but labels are integers.',
    ],
    [
      { uri: 'bad-one-hot-labels.npz' },
      '"labels" of bad-one-hot-labels.npz has the shape 4×4, but one label for each example was expected.',
    ],
    [{ uri: 'bad-no-labels.npz' }, 'bad-no-labels.npz has no array "labels"; it holds images.'],
    [{ uri: 'bad-names.npz' }, 'bad-names.npz has no array "images"; it holds x_test, y_test.'],
    [
      { uri: 'bad-empty.npz' },
      '"images" of bad-empty.npz has the shape 0×3×5×6, but N×height×width, N×channels×height×width, N×height×width×channels or N×features was expected, none of them 0.',
    ],
    [
      { uri: 'bad-record.npz' },
      "\"images\" of bad-record.npz has the NPY header {'descr': [('a', '|u1'), ('b', '|u1')], 'fortran_order': False, 'shape': (4,), }, but one plain element type, an order and a shape were expected.",
    ],
    [
      { uri: 'bad-five-dimensions.npz' },
      '"images" of bad-five-dimensions.npz has the shape 4×1×3×5×6, but N×height×width, N×channels×height×width, N×height×width×channels or N×features was expected, none of them 0.',
    ],
    [
      { uri: 'ambiguous.npz' },
      'The images in "images" of ambiguous.npz are 3×4×3, which leaves open whether the first or the last axis holds the channels; say so with the dataset\'s layout, NCHW or NHWC.',
    ],
    [{ uri: 'grey.npz', labels }, 'grey.npz is read as npz, which holds its own labels: leave out uint8-labels.idx.'],
    [
      { uri: 'grey-images.idx' },
      'grey-images.idx is read as idx, which holds images alone: name the file of their labels too.',
    ],
    [
      { uri: labels, labels },
      'uint8-labels.idx is an IDX file of shape 4, uint8, but images are uint8, N×height×width or N×channels×height×width.',
    ],
    [
      { uri: 'grey-images.idx', labels: 'grey-images.idx' },
      'grey-images.idx is an IDX file of shape 4×5×6, but labels have one dimension.',
    ],
    [
      { uri: 'expected.json' },
      'expected.json is no test set by its first bytes and its name: expected IDX (plain or gzip), NPZ, NPY, CIFAR binary, tar or Parquet, or a folder of images.',
    ],
  ];

  it.each(cases)('%j', async (location, sentence) => {
    expect(await refusal(openTestDataset(location))).toBe(sentence);
  });

  it('an IDX file cut short', async () => {
    const files = { 'i.idx': (await readTestFile('grey-images.idx')).subarray(0, 100), l: await readTestFile(labels) };
    expect(await refusal(openBytes({ uri: 'i.idx', labels: 'l' }, files))).toBe(
      'i.idx holds 100 bytes, but its header declares 4×5×6 of uint8, which makes 136: it is truncated.',
    );
  });

  it('an IDX file with something after its end', async () => {
    const files = { i: Buffer.concat([await readTestFile('grey-images.idx'), Buffer.alloc(1)]), l: new Uint8Array() };
    expect(await refusal(openBytes({ uri: 'i', labels: 'l' }, files))).toBe(
      'i holds 137 bytes, but its header declares 4×5×6 of uint8, which makes 136: it is followed by something else.',
    );
  });

  it('a gzip file cut short', async () => {
    const files = { i: (await readTestFile('grey-images.idx.gz')).subarray(0, 100), l: new Uint8Array() };
    expect(await refusal(openBytes({ uri: 'i', labels: 'l' }, files))).toBe(
      'i is not a whole gzip file: unexpected end of file.',
    );
  });

  it('an NPZ file cut short', async () => {
    const bytes = await readTestFile('grey.npz');
    expect(await refusal(openBytes({ uri: 'i.npz' }, { 'i.npz': bytes.subarray(0, bytes.length - 1) }))).toBe(
      'i.npz is not a whole zip file: End of central directory record signature not found. Either not a zip file, or file is truncated.',
    );
  });

  it('an empty file, told by its name', async () => {
    const files = { 'i.npz': new Uint8Array(), 'i.idx': new Uint8Array(), l: new Uint8Array() };
    expect(await refusal(openBytes({ uri: 'i.npz' }, files))).toBe(
      'i.npz is not a whole zip file: End of central directory record signature not found. Either not a zip file, or file is truncated.',
    );
    expect(await refusal(openBytes({ uri: 'i.idx', labels: 'l' }, files))).toBe(
      'i.idx is not an IDX file of uint8 or int32: it begins with nothing, where 00 00 08 or 00 00 0c and the number of dimensions was expected.',
    );
  });
});

describe('a small file can’t take much memory', () => {
  const idx = (...shape: number[]) => Buffer.from(Uint32Array.from([0x0800 + shape.length, ...shape], swap).buffer);

  it('an IDX header that declares more than can be held', async () => {
    const files = { i: idx(50_000, 224, 224), l: await readTestFile(labels) };
    expect(await refusal(openBytes({ uri: 'i', labels: 'l' }, files))).toBe(
      'i declares 50000×224×224 of uint8, 2508800016 bytes, but a dataset that is held whole may have at most 2147483648: split it.',
    );
  });

  it('a gzip file that unpacks to more than its header declares', async () => {
    const packed = gzipSync(Buffer.concat([idx(4, 5, 6), Buffer.alloc(10_000_000)]));
    expect(await refusal(openBytes({ uri: 'i', labels: 'l' }, { i: packed, l: new Uint8Array() }))).toBe(
      'i unpacks to more than the 136 bytes that its header declares.',
    );
    await stoppedUnpacking(openBytes({ uri: 'i', labels: 'l' }, { i: packed, l: new Uint8Array() }));
  });

  it('a zip directory that declares more than can be held', async () => {
    const bytes = zip('images.npy', Buffer.alloc(1_000), { declared: 0xf0000000 });
    expect(await refusal(openBytes({ uri: 'i' }, { i: bytes }))).toMatch(
      /^i unpacks to 4026531840 bytes, but a dataset that is held whole may have at most 2147483648: split it\.$/,
    );
  });

  it('a zip member that unpacks to more than the directory declares', async () => {
    const bytes = zip('images.npy', Buffer.alloc(10_000_000), { declared: 1000 });
    // At the first piece too many, not after the ten million.
    expect(await refusal(openBytes({ uri: 'i' }, { i: bytes }))).toBe(
      "images.npy in i can't be unpacked: too many bytes in the stream. expected 1000. got at least 16384.",
    );
  });
});

describe('a damaged file is refused or read as it was, never misread and never a crash', () => {
  it.each(['grey.npz', 'stored.npz'])('%s, cut anywhere', async (name) => {
    const bytes = await readTestFile(name);
    for (let length = 0; length < bytes.length; length++) {
      await refusal(openBytes({ uri: name }, { [name]: bytes.subarray(0, length) }));
    }
  });

  it.each(['grey-images.idx', 'grey-images.idx.gz'])('%s, cut anywhere', async (name) => {
    const bytes = await readTestFile(name);
    for (let length = 0; length < bytes.length; length++) {
      const files = { [name]: bytes.subarray(0, length), l: await readTestFile(labels) };
      await refusal(openBytes({ uri: name, labels: 'l' }, files));
    }
  });

  it.each(['grey.npz', 'stored.npz'])('%s, any byte inverted', async (name) => {
    const bytes = await readTestFile(name);
    const intact = await (await openBytes({ uri: name }, { [name]: bytes })).read(3);
    for (let at = 0; at < bytes.length; at++) {
      const damaged = bytes.slice();
      damaged[at] ^= 0xff;
      const opening = openBytes({ uri: name }, { [name]: damaged });
      const dataset = await opening.catch(() => null);
      if (dataset === null) await refusal(opening);
      else expect(await dataset.read(3)).toEqual(intact);
    }
  });
});

function swap(value: number): number {
  return Buffer.from(Uint32Array.of(value).buffer).readUInt32BE();
}

/** A zip file of one deflated member, whose directory declares what it is told to. */
function zip(name: string, content: Uint8Array, { declared }: { declared: number }): Uint8Array {
  const packed = deflateRawSync(content);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(name.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(8, 10);
  central.writeUInt32LE(packed.length, 20);
  central.writeUInt32LE(declared, 24);
  central.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(local.length + name.length + packed.length, 16);
  return Buffer.concat([local, Buffer.from(name), packed, central, Buffer.from(name), end]);
}
