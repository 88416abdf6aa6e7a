import { parquetMetadata } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import type { ColumnOptions } from '../../certification/datasets/parquet-columns.ts';
import { listParquet } from '../../certification/datasets/parquet-dataset.ts';
import { createParquetReader } from '../../certification/datasets/parquet-rows.ts';
import { bytesFolder } from './bytes-folder.ts';
import { expectedExamples, listedExamples } from './expected-examples.ts';
import { readTestFile } from './read-test-file.ts';
import { refusal } from './refusal.ts';

type Columns = Parameters<typeof parquetWriteBuffer>[0]['columnData'];

/** A Parquet file of whatever columns it is told to have. */
function parquet(columnData: Columns, rowGroupSize = 1000): Uint8Array {
  return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize }));
}

const images: Columns[number] = { name: 'image', data: [Uint8Array.of(1), Uint8Array.of(2)], type: 'BYTE_ARRAY' };
const labels: Columns[number] = { name: 'label', data: [4, 0], type: 'INT32' };

/** One whose images are structs without bytes. */
function linked(paths: (string | null)[]): Uint8Array {
  const schema: NonNullable<Parameters<typeof parquetWriteBuffer>[0]['schema']> = [
    { name: 'root', num_children: 2 },
    { name: 'image', num_children: 2, repetition_type: 'OPTIONAL' },
    { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
    { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
    { name: 'label', type: 'INT32', repetition_type: 'REQUIRED' },
  ];
  const columnData = [
    { name: 'image', data: paths.map((path) => ({ bytes: null, path })) },
    { name: 'label', data: paths.map(() => 1) },
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData, schema }));
}

/** The same file, whose first column declares another size before compression. */
function withUncompressedSize(file: Uint8Array, size: number): Uint8Array {
  const sizes = parquetMetadata(file).row_groups[0].columns[0].meta_data;
  // Thrift's compact protocol: fields 6 and 7 of a column, each an i64 one after the last, in zigzag varints.
  const fields = (unpacked: number) => [
    0x16,
    ...zigzag(unpacked),
    0x16,
    ...zigzag(Number(sizes?.total_compressed_size)),
  ];
  const old = Buffer.from(fields(Number(sizes?.total_uncompressed_size)));
  const at = Buffer.from(file).indexOf(old);
  const altered = Buffer.concat([file.subarray(0, at), Buffer.from(fields(size)), file.subarray(at + old.length)]);
  const end = altered.length - 8;
  altered.writeUInt32LE(altered.readUInt32LE(end) + altered.length - file.length, end);
  return altered;
}

function zigzag(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = 2 * value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

async function refused(file: Uint8Array, options?: ColumnOptions): Promise<string> {
  return refusal(listParquet(bytesFolder({ 'a.parquet': file }), ['a.parquet'], options));
}

describe('the rows of Parquet files', () => {
  const sets: [string, ColumnOptions?][] = [
    ['embedded'],
    ['groups'],
    ['no-names'],
    ['paths'],
    ['zstd'],
    ['none'],
    ['gzip'],
    ['brotli'],
    ['lz4'],
    ['cifar100', { labelColumn: 'fine_label' }],
  ];
  it.each(sets)('%s: are those that the tool reads which wrote it', async (name, options) => {
    const folder = bytesFolder();
    const listing = await listParquet(folder, [`parquet/${name}.parquet`], options);
    const readRow = createParquetReader(folder);
    const found = await listedExamples(listing, (locator) =>
      locator.row === undefined ? folder.read(locator.key) : readRow(locator),
    );
    expect(found).toEqual(expectedExamples(`parquet/${name}.parquet`));
    expect(listing.encoding).toEqual({ type: 'image' });
  });

  it('come file after file, in the order in which they are named', async () => {
    const folder = bytesFolder();
    const keys = ['parquet/groups.parquet', 'parquet/paths.parquet', 'parquet/embedded.parquet'];
    const listing = await listParquet(folder, keys);
    const sets = keys.map((key) => expectedExamples(key).examples);
    expect([...listing.labels]).toEqual(sets.flat().map(({ label }) => label));
    expect(listing.locate(9)).toEqual({ key: keys[0], row: 9, column: 'image.bytes' });
    expect(listing.locate(10)).toEqual({ key: 'parquet/images/progressive.jpeg' });
    expect(listing.locate(14)).toEqual({ key: keys[2], row: 0, column: 'image.bytes' });
    expect(() => listing.locate(24)).toThrow(RangeError);
  });

  it('may have their columns named', async () => {
    const file = parquet([{ ...images, name: 'picture' }, { ...images }, labels, { ...labels, name: 'colour' }]);
    const folder = bytesFolder({ 'a.parquet': file });
    const listing = await listParquet(folder, ['a.parquet'], { imageColumn: 'picture', labelColumn: 'colour' });
    expect(listing.locate(1)).toEqual({ key: 'a.parquet', row: 1, column: 'picture' });
    expect(await createParquetReader(folder)(listing.locate(1))).toEqual(Uint8Array.of(2));
  });
});

describe('each part of a Parquet file is read once', () => {
  const key = 'parquet/groups.parquet';

  it('listing reads a footer and a range of labels for each row group', async () => {
    const folder = bytesFolder();
    await listParquet(folder, [key]);
    expect(folder.reads).toHaveLength(1 + 4);
  });

  it('rows in turn and rows at once read a footer and each row group once', async () => {
    const folder = bytesFolder();
    const listing = await listParquet(folder, [key]);
    const locators = Array.from({ length: listing.examples }, (_, index) => listing.locate(index));
    for (const order of [locators, [...locators].reverse()]) {
      const [inTurn, atOnce] = [createParquetReader(folder), createParquetReader(folder)];
      folder.reads.length = 0;
      const one: Uint8Array[] = [];
      for (const locator of order) one.push(await inTurn(locator));
      expect(folder.reads).toHaveLength(1 + 4);
      const other = await Promise.all(order.map(atOnce));
      expect(folder.reads).toHaveLength(2 * (1 + 4));
      expect(other).toEqual(one);
    }
  });

  it('no more is kept than there is room for, and always the last', async () => {
    const folder = bytesFolder();
    const listing = await listParquet(folder, [key]);
    const reader = createParquetReader(folder, 1);
    folder.reads.length = 0;
    for (const row of [0, 1, 2, 3, 4, 0, 1]) await reader(listing.locate(row));
    expect(folder.reads).toHaveLength(1 + 3);
  });

  it('the bytes are the caller’s own', async () => {
    const folder = bytesFolder();
    const reader = createParquetReader(folder);
    const locator = (await listParquet(folder, [key])).locate(5);
    const bytes = await reader(locator);
    const intact = bytes.slice();
    bytes.fill(0);
    expect(bytes.buffer.byteLength).toBe(bytes.length);
    expect(await reader(locator)).toEqual(intact);
  });

  it('a fault of the folder is not kept', async () => {
    const folder = bytesFolder();
    const locator = (await listParquet(folder, [key])).locate(5);
    // The footer, then the row group.
    const faults = [true, false, true, false];
    const reader = createParquetReader({
      ...folder,
      read: (...where) => (faults.shift() ? Promise.reject(new Error('passing')) : folder.read(...where)),
    });
    for (let count = 0; count < 2; count++) await expect(reader(locator)).rejects.toThrow('passing');
    expect(await reader(locator)).toBeInstanceOf(Uint8Array);
  });
});

describe('each unreadable Parquet file is refused in one sentence', () => {
  it('no Parquet file, or a part of one', async () => {
    const whole = await readTestFile('parquet/embedded.parquet');
    expect(await refused(whole.subarray(0, 10))).toBe(
      'test://a.parquet is not a Parquet file: it holds 10 bytes, at least 12 were expected.',
    );
    expect(await refused(Buffer.from('no Parquet file'))).toBe(
      'test://a.parquet is not a whole Parquet file: it ends with "file", where "PAR1" was expected.',
    );
    expect(await refused(Buffer.from('an encrypted one: PARE'))).toBe(
      'test://a.parquet is an encrypted Parquet file: write it without encryption.',
    );
    expect(await refused(whole.subarray(5000))).toBe(
      'test://a.parquet has column "image" of its row group 0 declared as bytes 4 to 8887, but holds 7455: it is truncated or damaged.',
    );
    for (let length = 0; length < whole.length; length += 61) await refused(whole.subarray(0, length));
  });

  it('a footer longer than the file, or than can be held', async () => {
    const end = (length: number, size: number) => {
      const file = Buffer.alloc(size);
      file.writeUInt32LE(length, size - 8);
      file.write('PAR1', size - 4);
      return file;
    };
    expect(await refused(end(2 ** 31, 1000))).toBe(
      'test://a.parquet is not a whole Parquet file: it declares a footer of 2147483648 bytes, but holds 1000 in all.',
    );
    expect(await refused(end(2 ** 24 + 1, 2 ** 25))).toBe(
      'test://a.parquet declares a footer of 16777217 bytes, but at most 16777216 are read: split the file.',
    );
    expect(await refused(end(100, 1000))).toMatch(/^test:\/\/a\.parquet has a footer that can't be read: .*\.$/);
  });

  it('a row group too large to be held', async () => {
    const file = withUncompressedSize(parquet([images, labels]), 2 ** 31);
    expect(await refused(file)).toBe(
      'test://a.parquet has column "image" of its row group 0 in 2147483648 bytes, but at most 1073741824 are read at once: write it with smaller row groups (row_group_size=100).',
    );
  });

  it('no rows', async () => {
    expect(
      await refused(
        parquet([
          { ...images, data: [] },
          { ...labels, data: [] },
        ]),
      ),
    ).toBe('No row is in test://a.parquet: a row for each image was expected.');
  });

  it('no column, several columns, a column of another type', async () => {
    expect(await refused(parquet([labels, { ...images, name: 'picture' }]))).toBe(
      'test://a.parquet has no column called "image", "img"; it has "label", "picture": name one by imageColumn.',
    );
    expect(await refused(parquet([images, labels]), { labelColumn: 'class' })).toBe(
      'test://a.parquet has no column "class"; it has "image", "label": name one by labelColumn.',
    );
    expect(await refused(parquet([images, labels, { ...labels, name: 'fine_label' }]))).toBe(
      'test://a.parquet has several columns that could be meant, "label", "fine_label": name one by labelColumn.',
    );
    expect(await refusal(listParquet(bytesFolder(), ['parquet/cifar100.parquet']))).toBe(
      'test://parquet/cifar100.parquet has several columns that could be meant, "fine_label", "coarse_label": name one by labelColumn.',
    );
    expect(await refused(parquet([images, { name: 'label', data: [1.5, 2], type: 'DOUBLE' }]))).toBe(
      'test://a.parquet has DOUBLE in its column "label", but integers were expected: name another by labelColumn.',
    );
    expect(await refused(parquet([images, { name: 'label', data: ['cat', 'dog'], type: 'STRING' }]))).toBe(
      'test://a.parquet has UTF8 in its column "label", but integers were expected: name another by labelColumn.',
    );
    expect(await refused(parquet([{ name: 'image', data: ['a.jpg', 'b.jpg'], type: 'STRING' }, labels]))).toBe(
      'test://a.parquet has UTF8 in its column "image", but binary, or a struct with binary "bytes", was expected: name another by imageColumn.',
    );
    expect(await refusal(listParquet(bytesFolder(), ['parquet/embedded.parquet'], { labelColumn: 'image' }))).toBe(
      'test://parquet/embedded.parquet has a struct of bytes, path in its column "image", but integers were expected: name another by labelColumn.',
    );
  });

  it('files that differ', async () => {
    const folder = bytesFolder({ 'a.parquet': parquet([images, labels]) });
    expect(await refusal(listParquet(folder, ['parquet/embedded.parquet', 'a.parquet']))).toBe(
      'test://a.parquet has other classes or another kind of images than test://parquet/embedded.parquet: all files of a dataset have the same columns.',
    );
  });

  it('labels that are missing, negative or beyond the classes', async () => {
    expect(await refused(parquet([images, { ...labels, data: [1, null], nullable: true }]))).toBe(
      'test://a.parquet has no label at row 1, but labels are class indices from 0 up.',
    );
    expect(await refused(parquet([images, { ...labels, data: [1, -1] }], 1))).toBe(
      'test://a.parquet has the label -1 at row 1, but labels are class indices from 0 up.',
    );
    const metadata = JSON.stringify({ info: { features: { label: { _type: 'ClassLabel', names: ['a', 'b'] } } } });
    const file = parquetWriteBuffer({
      columnData: [images, labels],
      kvMetadata: [{ key: 'huggingface', value: metadata }],
    });
    expect(await refused(new Uint8Array(file))).toBe(
      'test://a.parquet has the label 4 at row 0, but labels are indices of its 2 classes from 0 up.',
    );
  });

  it('images that are missing in some rows', async () => {
    const some = parquet([{ ...images, data: [Uint8Array.of(1), null], nullable: true }, labels]);
    expect(await refused(some)).toBe(
      'test://a.parquet has no bytes in 1 of the 2 rows of its column "image": images were expected in all of them.',
    );
    const all = parquet([{ ...images, data: [null, null], nullable: true }, labels]);
    expect(await refused(all)).toBe(
      'test://a.parquet has no bytes in 2 of the 2 rows of its column "image": images were expected in all of them.',
    );
  });

  it.each(['../out.jpeg', '/etc/passwd', 'images/./a.jpeg', 'https://example.org/a', 'C:\\a.jpeg'])(
    'a path that leads out of the folder: %s',
    async (path) => {
      const file = linked([path, 'a.jpeg']);
      expect(await refused(file)).toBe(
        `test://a.parquet has the path ${JSON.stringify(path)} at row 0, but a path below the file's folder was expected: write it with the images in it (Dataset.to_parquet).`,
      );
    },
  );

  it('a row with neither bytes nor path', async () => {
    expect(await refused(linked(['a.jpeg', null]))).toBe(
      "test://a.parquet has neither bytes nor a path at row 1, but a path below the file's folder was expected: write it with the images in it (Dataset.to_parquet).",
    );
  });

  it('a row without bytes, where the file did not count them', async () => {
    const file = parquet([{ ...images, data: [Uint8Array.of(1), null], nullable: true }, labels]);
    const reader = createParquetReader(bytesFolder({ 'a.parquet': file }));
    expect(await refusal(reader({ key: 'a.parquet', row: 1, column: 'image' }))).toBe(
      'test://a.parquet has no bytes at row 1 of its column "image", but an image was expected.',
    );
  });

  it('pages that are damaged', async () => {
    const whole = await readTestFile('parquet/embedded.parquet');
    const folder = bytesFolder({ 'a.parquet': whole });
    const listing = await listParquet(folder, ['a.parquet']);
    whole.fill(0xff, 4, 40);
    expect(await refusal(createParquetReader(folder)(listing.locate(0)))).toMatch(
      /^Column "image" of row group 0 in test:\/\/a\.parquet can't be read: .*\.$/,
    );
  });

  describe('pages that declare what can’t be, before they are unpacked:', () => {
    /** Reads the first row of a file whose first page begins otherwise. */
    const altered = async (alter: (page: Buffer) => void) => {
      const whole = Buffer.from(await readTestFile('parquet/gzip.parquet'));
      alter(whole.subarray(4));
      const folder = bytesFolder({ 'a.parquet': whole });
      const listing = await listParquet(folder, ['a.parquet']);
      return refusal(createParquetReader(folder)(listing.locate(0)));
    };
    // Thrift's compact protocol: the type of the page, its size unpacked and its size, as zigzag varints behind 0x15.
    const sizeAt = (page: Buffer, field: number): number => {
      let at = 1;
      for (let passed = 0; passed < field; passed++) {
        while (page[at] >= 0x80) at++;
        at += 2;
      }
      return at;
    };

    it('a size below zero', async () => {
      expect(await altered((page) => (page[sizeAt(page, 2)] ^= 1))).toBe(
        'Column "image" of row group 0 in test://a.parquet can\'t be read: the page at its byte 0 has sizes that can\'t be.',
      );
    });

    it('more values than rows', async () => {
      const values = (count: number) => Buffer.of(0x2c, 0x15, 2 * count);
      expect(await altered((page) => values(60).copy(page, page.indexOf(values(3))))).toBe(
        'Column "image" of row group 0 in test://a.parquet can\'t be read: its pages hold more than the 3 values that the footer declares.',
      );
    });

    it('fewer values than rows', async () => {
      const values = (count: number) => Buffer.of(0x2c, 0x15, 2 * count);
      expect(await altered((page) => values(2).copy(page, page.indexOf(values(3))))).toBe(
        'Column "image" of row group 0 in test://a.parquet can\'t be read: its pages hold 2 values, where the footer declares 3.',
      );
    });
  });
});
