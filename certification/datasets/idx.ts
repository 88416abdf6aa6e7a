import { PerimeterError } from '../perimeter-error.ts';
import type { Dataset } from './dataset.ts';
import {
  checkIdxImages,
  checkIdxLabels,
  checkIdxSize,
  idxValues,
  parseIdxHeader,
  type IdxHeader,
} from './idx-header.ts';
import type { ImageLayout } from './image-layout.ts';
import { inMemoryDataset, type NamedBytes } from './in-memory-dataset.ts';
import { MAX_IN_MEMORY_BYTES } from './in-memory-limit.ts';
import { gunzipHead, gunzipWhole, isGzip } from './read-gzip.ts';

export { isIdx } from './idx-header.ts';

/**
 * Reads images and labels in IDX, the format of MNIST (LeCun, Cortes & Burges), plain or gzip.
 *
 * @param images uint8, N×H×W, or N×C×H×W.
 * @param labels uint8 or int32, N.
 * @param layout of 4-dimensional images; NCHW where left out.
 * @throws PerimeterError `InvalidDataset`.
 */
export async function readIdx(files: {
  images: NamedBytes;
  labels: NamedBytes;
  layout?: ImageLayout | undefined;
}): Promise<Dataset> {
  const images = await readArray(files.images);
  checkIdxImages(images);
  const labels = await readArray(files.labels);
  checkIdxLabels(labels);
  return inMemoryDataset({
    images: { name: images.name, shape: images.header.shape, values: images.body },
    labels: { name: labels.name, shape: labels.header.shape, values: idxValues(labels.header, labels.body) },
    layout: files.layout ?? 'NCHW',
    files: [files.images.bytes, files.labels.bytes],
  });
}

async function readArray(file: NamedBytes): Promise<{ name: string; header: IdxHeader; body: Uint8Array }> {
  const { name } = file;
  const head = isGzip(file.bytes) ? await gunzipHead(file) : file.bytes;
  const header = parseIdxHeader({ name, bytes: head });
  if (header.length > MAX_IN_MEMORY_BYTES) {
    throw new PerimeterError(
      'InvalidDataset',
      `${name} declares ${header.shape.join('×')} of ${header.element.type}, ${header.length} bytes, but a dataset that is held whole may have at most ${MAX_IN_MEMORY_BYTES}: split it.`,
    );
  }
  const bytes = isGzip(file.bytes) ? await gunzipWhole(file, header.length) : file.bytes;
  checkIdxSize({ name, header, size: bytes.length });
  return { name, header, body: bytes.subarray(header.offset) };
}
