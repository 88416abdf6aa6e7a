import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { isListed } from '../certification/datasets/dataset.ts';
import { indexDataset, indexedDataset } from '../certification/datasets/dataset-index.ts';
import { datasetFolder, openDataset } from '../certification/datasets/open-dataset.ts';
import { IMAGE_STEPS_PER_UNIT } from '../certification/lattice-example.ts';
import { readExamples } from '../certification/read-examples.ts';
import { sharedS3Client } from '../certification/storage/s3-client.ts';
import { classOfPicture, writeJpegFolder } from '../test/support/jpeg-folder.ts';
import { startS3Server } from '../test/support/s3-server.ts';
import { tableLine } from './table-line.ts';

/** As ImageNet's validation set: so many images, of so many classes, most of this size. */
const IMAGES = 50_000;
const CLASSES = 1_000;
const WIDTH = 500;
const HEIGHT = 375;
const images = { resize: 256, crop: 224, interpolation: 'bilinear', channels: 3 } as const;
/** What the crop shows of a picture: its shorter side is 256. */
const shown = { width: 224 / ((256 * WIDTH) / HEIGHT), height: 224 / 256 };
/** Examples of a shard, which a sampler reads together. */
const SHARD = 256;
const COLUMNS = [8, 9, 9, 10, 9, 10, 14, 14];

/**
 * Reads a folder like ImageNet's validation set through, from this machine and from an S3 server: time to the first image, images a
 * second, and memory.
 *
 * @param args how many images; 50,000 where left out.
 */
export async function benchDatasets(args: readonly string[]): Promise<void> {
  const count = Number(args[0] ?? IMAGES);
  const server = await startS3Server();
  const { dataDir } = server;
  if (dataDir === undefined) throw new Error('This benchmark starts its own S3 server: unset PERIMETER_TEST_S3.');
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_S3: server.endpoint,
    AWS_ACCESS_KEY_ID: server.root.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.root.secretAccessKey,
  });
  try {
    await sharedS3Client().send(new CreateBucketCommand({ Bucket: 'bench' }));
    // Where the server keeps the bucket's objects: the same files are read both ways.
    const folder = join(dataDir, 'bench', 'val');
    await mkdir(folder);
    const started = performance.now();
    await writeJpegFolder({ folder, images: count, classes: CLASSES, width: WIDTH, height: HEIGHT });
    console.log(`${count} JPEG files of ${WIDTH}×${HEIGHT} written in ${seconds(started)} s`);
    console.log(
      tableLine(
        ['from', 'open, s', 'first, s', 'digest, s', 'read, s', 'images/s', 'MB after 10 %', 'MB at the end'],
        COLUMNS,
      ),
    );
    for (const [name, uri] of [
      ['file://', folder],
      ['s3://', 's3://bench/val'],
    ]) {
      console.log(tableLine([name, ...(await readThrough(uri, count))], COLUMNS));
    }
  } finally {
    await rm(join(dataDir, 'bench'), { recursive: true, force: true });
    await server.stop();
  }
}

async function readThrough(uri: string, count: number): Promise<string[]> {
  const started = performance.now();
  const dataset = await openDataset({ uri, images });
  const opened = seconds(started);
  if (!isListed(dataset) || dataset.examples !== count) throw new Error(`${uri} holds ${dataset.examples} examples.`);
  await dataset.read(count - 1);
  const first = seconds(started);

  const digesting = performance.now();
  const index = await indexDataset(dataset, [...Array(count).keys()]);
  const digested = seconds(digesting);

  // As a sampler does: by the index, each image compared with its digest.
  const planned = await indexedDataset(index, datasetFolder(uri, index.header.base));
  const reading = performance.now();
  let early = 0;
  for (let from = 0; from < count; from += SHARD) {
    const indices = Array.from({ length: Math.min(SHARD, count - from) }, (_, at) => from + at);
    for (const { index, label, pixels } of await readExamples(planned, indices, {
      stepsPerUnit: IMAGE_STEPS_PER_UNIT,
    })) {
      const found = classOfPicture(pixels as Uint8Array, planned.shape, shown);
      if (found !== label) throw new Error(`Example ${index} shows class ${found}, and its label is ${label}.`);
    }
    if (early === 0 && from >= count / 10) early = megabytes();
  }
  const rate = (1_000 * count) / (performance.now() - reading);
  return [opened, first, digested, seconds(reading), rate.toFixed(0), String(early), String(megabytes())];
}

function megabytes(): number {
  return Math.round(process.memoryUsage().rss / 1e6);
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1_000).toFixed(1);
}
