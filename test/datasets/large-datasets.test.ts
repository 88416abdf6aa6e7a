import { openSync, closeSync, ftruncateSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { isListed } from '../../certification/datasets/dataset.ts';
import { openDataset } from '../../certification/datasets/open-dataset.ts';
import { IMAGE_STEPS_PER_UNIT } from '../../certification/lattice-example.ts';
import { mapConcurrently } from '../../certification/map-concurrently.ts';
import { readExamples } from '../../certification/read-examples.ts';
import { fileInputFolder } from '../../certification/storage/file-input-folder.ts';
import { openInputFolder } from '../../certification/storage/open-input-folder.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { createS3Client } from '../../certification/storage/s3-client.ts';
import { createBucket } from '../support/create-bucket.ts';
import { classOfPicture, writeJpegFolder } from '../support/jpeg-folder.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const server = inject('s3');
const s3 = createS3Client({ endpoint: server.endpoint, credentials: server.root });

const IMAGES = 1_500;
const CLASSES = 50;
const images = { resize: 128, crop: 112, interpolation: 'bilinear', channels: 3 } as const;
/** What the crop shows of a picture of 4:3 whose shorter side is 128. */
const shown = { width: 112 / ((128 * 4) / 3), height: 112 / 128 };

/** Reads a folder of pictures through; each must show the class of its label. */
async function readThrough(uri: string): Promise<{ firstMs: number; grownBytes: number }> {
  const started = performance.now();
  const dataset = await openDataset({ uri, images }, (folder) => openInputFolder(folder, { s3 }));
  expect(dataset).toMatchObject({ examples: IMAGES, shape: [3, 112, 112], labels: { min: 0, max: CLASSES - 1 } });
  await dataset.read(0);
  const firstMs = performance.now() - started;
  let early = 0;
  for (let from = 0; from < IMAGES; from += 100) {
    const indices = Array.from({ length: 100 }, (_, at) => from + at);
    for (const { label, pixels } of await readExamples(dataset, indices, { stepsPerUnit: IMAGE_STEPS_PER_UNIT })) {
      expect(classOfPicture(pixels as Uint8Array, dataset.shape, shown)).toBe(label);
    }
    if (from === 300) early = process.memoryUsage().rss;
  }
  return { firstMs, grownBytes: process.memoryUsage().rss - early };
}

describe('a folder of many JPEG files', () => {
  it('is read through in flat memory, from this machine and from a bucket, its first image soon', async () => {
    const folder = temporaryFolder();
    await writeJpegFolder({ folder, images: IMAGES, classes: CLASSES, width: 320, height: 240 });
    const bucket = await createBucket({ server });
    const store = openStore(`s3://${bucket}/val`, { s3 });
    const keys = await fileInputFolder(folder).list();
    await mapConcurrently(keys, 16, (key) => store.putIfAbsent(key, readFileSync(join(folder, key))));
    for (const uri of [folder, `s3://${bucket}/val`]) {
      const { firstMs, grownBytes } = await readThrough(uri);
      // Two seconds on a quiet machine (npm run bench -- datasets), and patience here.
      expect(firstMs).toBeLessThan(10_000);
      // 1,100 more images: 41 MB of pixels, and many times that as they were decoded.
      expect(grownBytes).toBeLessThan(60e6);
    }
  });
});

describe('an array too large to be held', () => {
  it('is read by parts: 600 MB of NPY of which three examples are fetched', async () => {
    const folder = temporaryFolder();
    const [examples, side] = [12_000, 224];
    const header =
      `{'descr': '|u1', 'fortran_order': False, 'shape': (${examples}, ${side}, ${side}, 1), }`.padEnd(117) + '\n';
    const head = Buffer.concat([Buffer.from('\x93NUMPY\x01\x00v\x00', 'latin1'), Buffer.from(header)]);
    const file = openSync(join(folder, 'images.npy'), 'w');
    writeSync(file, head);
    ftruncateSync(file, head.length + examples * side * side);
    writeSync(file, Buffer.from([7, 8, 9]), 0, 3, head.length + 11_999 * side * side);
    closeSync(file);
    const labels = Buffer.alloc(examples);
    labels[11_999] = 5;
    const labelHeader = `{'descr': '|u1', 'fortran_order': False, 'shape': (${examples},), }`.padEnd(117) + '\n';
    writeFileSync(
      join(folder, 'labels.npy'),
      Buffer.concat([Buffer.from('\x93NUMPY\x01\x00v\x00', 'latin1'), Buffer.from(labelHeader), labels]),
    );
    const before = process.memoryUsage().rss;
    const dataset = await openDataset({ uri: join(folder, 'images.npy'), labels: join(folder, 'labels.npy') });
    expect(isListed(dataset)).toBe(true);
    expect(dataset).toMatchObject({ examples, shape: [1, side, side], kind: 'uint8', labels: { min: 0, max: 5 } });
    const { label, values } = await dataset.read(11_999);
    expect(label).toBe(5);
    expect(Array.from(values.subarray(0, 4))).toEqual([7, 8, 9, 0]);
    expect((await dataset.read(0)).values).toHaveLength(side * side);
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });
});
