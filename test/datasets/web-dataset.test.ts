import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { listWebDataset } from '../../certification/datasets/web-dataset.ts';
import { bytesFolder } from './bytes-folder.ts';
import { expectedExamples, listedExamples, readRange } from './expected-examples.ts';
import { readTestFile } from './read-test-file.ts';
import { refusal } from './refusal.ts';
import { tar, type NewMember } from './tar.ts';

const shards = ['web-dataset/test-000000.tar', 'web-dataset/test-000001.tar'];

async function refused(...members: NewMember[]): Promise<string> {
  return refusal(listWebDataset(bytesFolder({ 'a.tar': tar(...members) }), ['a.tar']));
}

describe('the samples of a WebDataset', () => {
  it('are those that webdataset reads, over two shards', async () => {
    const folder = bytesFolder();
    const listing = await listWebDataset(folder, shards);
    expect(await listedExamples(listing, readRange(folder))).toEqual(expectedExamples('web-dataset'));
    expect(listing.encoding).toEqual({ type: 'image' });
  });

  it.each(['gnu', 'pax', 'ustar'])('are those that webdataset reads, with long names by %s', async (format) => {
    const folder = bytesFolder();
    const listing = await listWebDataset(folder, [`web-dataset/${format}.tar`]);
    expect(await listedExamples(listing, readRange(folder))).toEqual(expectedExamples(`web-dataset/${format}.tar`));
  });

  it('come in the order in which the shards are named', async () => {
    const listing = await listWebDataset(bytesFolder(), [...shards].reverse());
    const { examples } = expectedExamples('web-dataset');
    const labels = examples.map(({ label }) => label);
    expect([...listing.labels]).toEqual([...labels.slice(3), ...labels.slice(0, 3)]);
    expect(listing.locate(0).key).toBe(shards[1]);
    expect(() => listing.locate(6)).toThrow(new RangeError('example 6 of 6'));
  });

  it('may have folders, links, dots and other members beside them, and names in capitals', async () => {
    const files = {
      'a.tar': tar(
        { name: './', type: '5' },
        { name: './v1.0/', type: '5' },
        { name: '__meta__/x.jpg' },
        { name: './v1.0/._1.jpg' },
        { name: './v1.0/1.CLS', content: ' 7\n' },
        { name: './v1.0/1.seg.png' },
        { name: './v1.0/1.JPEG', content: 'one' },
        { name: 'latest', type: '2' },
        { name: 'readme.md' },
        { name: './v1.0/2.webp', content: 'two' },
        { name: './v1.0/2.cls', content: '0' },
      ),
    };
    const folder = bytesFolder(files);
    const listing = await listWebDataset(folder, ['a.tar']);
    expect([...listing.labels]).toEqual([7, 0]);
    const read = readRange(folder);
    expect(Buffer.from(await read(listing.locate(0))).toString()).toBe('one');
    expect(Buffer.from(await read(listing.locate(1))).toString()).toBe('two');
  });

  it('may have sizes in base 256', async () => {
    const content = 'x'.repeat(600);
    const archive = tar({ name: '1.cls', content: '3' }, { name: '1.png', content, base256: true });
    const listing = await listWebDataset(bytesFolder({ 'a.tar': archive }), ['a.tar']);
    expect(listing.locate(0)).toEqual({ key: 'a.tar', range: [1536, 2136] });
  });
});

describe('listing a WebDataset reads few ranges and little of what it passes over', () => {
  const samples = (count: number, bytes: number) =>
    Array.from({ length: count }, (_, index) => [
      { name: `${index}.cls`, content: '1' },
      { name: `${index}.jpg`, content: 'x'.repeat(bytes) },
    ]).flat();

  it('one for each large image', async () => {
    const folder = bytesFolder({ 'a.tar': tar(...samples(20, 100_000)) });
    await listWebDataset(folder, ['a.tar']);
    expect(folder.reads.length).toBeLessThanOrEqual(22);
    const read = folder.reads.reduce((sum, { range }) => sum + (range ? range.to - range.from : Infinity), 0);
    expect(read).toBeLessThan(200_000);
  });

  it('one for each 64 KiB of small images', async () => {
    const archive = tar(...samples(500, 1_000));
    const folder = bytesFolder({ 'a.tar': archive });
    await listWebDataset(folder, ['a.tar']);
    expect(folder.reads.length).toBeLessThanOrEqual(1.1 * Math.ceil(archive.length / 65_536));
  });
});

describe('each unreadable WebDataset is refused in one sentence', () => {
  const label = { name: '1.cls', content: '3' };
  const image = { name: '1.jpg', content: 'image' };

  it('an archive that is not there', async () => {
    expect(await refusal(listWebDataset(bytesFolder(), ['none.tar']))).toBe(
      'test://none.tar is part of the dataset, but there is no such file.',
    );
  });

  it('no sample', async () => {
    expect(await refused({ name: 'readme.md' })).toBe(
      'No sample is in test://a.tar: an image (.jpg, .jpeg, .png, .webp) and a label (.cls) of the same name were expected.',
    );
  });

  it('an archive cut short, within a member or between two', async () => {
    const whole = await readTestFile(shards[0]);
    const cut = (length: number) =>
      refusal(listWebDataset(bytesFolder({ 'a.tar': whole.subarray(0, length) }), ['a.tar']));
    expect(await cut(100)).toBe('test://a.tar is not a tar archive: it holds 100 bytes, less than one header.');
    expect(await cut(512)).toBe(
      'test://a.tar is truncated: its member "Zebra/0000.cls" would end at byte 513, but the file ends at byte 512.',
    );
    expect(await cut(1024)).toBe(
      'test://a.tar is truncated: it ends at byte 1024, without the empty block that ends a tar archive.',
    );
    const end = whole.findLastIndex((byte) => byte !== 0);
    for (let length = 0; length <= end; length += 7) await cut(length);
  });

  it('a wrong checksum', async () => {
    const damaged = tar(label, image);
    damaged[1024] ^= 1;
    expect(await refusal(listWebDataset(bytesFolder({ 'a.tar': damaged }), ['a.tar']))).toBe(
      'test://a.tar is not a whole tar archive: at byte 1024 a header has the checksum 2258, but its bytes make 2257.',
    );
  });

  it('no tar at all', async () => {
    expect(await refusal(listWebDataset(bytesFolder(), ['parquet/embedded.parquet']))).toMatch(
      /^test:\/\/parquet\/embedded\.parquet is not a whole tar archive: at byte 0 a header has ".*" where "ustar" was expected\.$/,
    );
  });

  it('a compressed archive', async () => {
    const archive = gzipSync(tar(label, image));
    expect(await refusal(listWebDataset(bytesFolder({ 'a.tar.gz': archive }), ['a.tar.gz']))).toBe(
      'test://a.tar.gz is compressed by gzip, but parts of it have to be read: decompress it (gunzip).',
    );
  });

  it.each(['/etc/1.jpg', '../1.jpg', 'a/../1.jpg', '..'])('a member that leads out of it: %s', async (name) => {
    expect(await refused(label, { name })).toBe(
      `test://a.tar has a member ${JSON.stringify(name)}, but members are named by relative paths without "..".`,
    );
  });

  it('a link or device where a file belongs', async () => {
    expect(await refused(label, { name: '1.jpg', type: '2' })).toBe(
      'test://a.tar has a link for the member "1.jpg": a plain file was expected.',
    );
    expect(await refused(label, { name: '1.jpg', type: '1' })).toBe(
      'test://a.tar has a link for the member "1.jpg": a plain file was expected.',
    );
    expect(await refused({ name: '1.cls', type: '3' })).toBe(
      'test://a.tar has a special file for the member "1.cls": a plain file was expected.',
    );
  });

  it('a sample without label, without image, with two of either', async () => {
    expect(await refused(image, { name: '2.cls', content: '1' })).toBe(
      'test://a.tar has an image but no label of the sample "1": a member "1.cls" was expected beside it.',
    );
    expect(await refused(label)).toBe(
      'test://a.tar has a label but no image of the sample "1": a member .jpg, .jpeg, .png, .webp was expected beside it.',
    );
    expect(await refused(label, image, { name: '1.png' })).toBe(
      'test://a.tar has two images of the sample "1", "1.jpg" and "1.png": one was expected.',
    );
    expect(await refused(label, label, image)).toBe('test://a.tar has two labels of the sample "1": one was expected.');
  });

  it('samples that are interleaved or come twice', async () => {
    const other = [
      { name: '2.cls', content: '1' },
      { name: '2.jpg', content: 'x' },
    ];
    expect(await refused(label, image, ...other, label, image)).toBe(
      'test://a.tar has the sample "1" twice, with others between: the members of a sample follow one another (tar --sort=name).',
    );
  });

  it.each([
    ['-1', '"-1"'],
    ['1.5', '"1.5"'],
    ['cat', '"cat"'],
    ['', '""'],
    ['4294967296', '"4294967296"'],
    ['1'.repeat(40), '40 bytes'],
  ])('the label %j', async (content, found) => {
    expect(await refused({ name: '1.cls', content }, image)).toBe(
      `test://a.tar has ${found} for the label "1.cls", but a label is a class index, a whole number from 0 up.`,
    );
  });

  it('of several bad archives the first, however long each takes', async () => {
    const files = Object.fromEntries(
      [label, image].map((member, index) => [`${index}.tar`, tar(...(index ? [] : [label, image, label]), member)]),
    );
    expect(await refusal(listWebDataset(bytesFolder(files), ['0.tar', '1.tar']))).toBe(
      'test://0.tar has two labels of the sample "1": one was expected.',
    );
  });
});
