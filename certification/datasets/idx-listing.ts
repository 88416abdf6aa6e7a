import { PerimeterError } from '../perimeter-error.ts';
import type { InputFolder } from '../storage/input-folder.ts';
import { arrayListing } from './array-listing.ts';
import {
  checkIdxImages,
  checkIdxLabels,
  checkIdxSize,
  idxValues,
  MAX_IDX_HEADER_BYTES,
  parseIdxHeader,
  type IdxHeader,
} from './idx-header.ts';
import type { ImageLayout } from './image-layout.ts';
import type { Listing } from './listing.ts';
import { objectSize } from './object-size.ts';
import { isGzip } from './read-gzip.ts';

/**
 * Lists the examples of an IDX file that is too large to be held, and isn't compressed; its labels are another.
 *
 * @param images uint8, N×H×W, or N×C×H×W.
 * @param labels uint8 or int32, N.
 * @param layout of 4-dimensional images; NCHW where left out.
 * @throws PerimeterError `InvalidDataset`, one sentence that names the file; and whatever the folder throws.
 */
export async function listIdx(
  folder: InputFolder,
  { images, labels, layout }: { images: string; labels: string; layout?: ImageLayout | undefined },
): Promise<Listing> {
  const image = await readHeader(folder, images);
  checkIdxImages(image);
  const label = await readHeader(folder, labels);
  checkIdxLabels(label);
  const body = await folder.read(labels, { from: label.header.offset, to: label.header.length });
  const { shape, offset } = image.header;
  return arrayListing(
    { key: images, name: image.name, shape, element: 'uint8', littleEndian: true, offset },
    { name: label.name, shape: label.header.shape, values: idxValues(label.header, body) },
    layout ?? 'NCHW',
  );
}

async function readHeader(folder: InputFolder, key: string): Promise<{ name: string; header: IdxHeader }> {
  const name = folder.url(key);
  const size = await objectSize(folder, key);
  const bytes = await folder.read(key, { from: 0, to: Math.min(size, MAX_IDX_HEADER_BYTES) });
  if (isGzip(bytes)) {
    throw new PerimeterError(
      'InvalidDataset',
      `${name} is compressed by gzip, but parts of it have to be read: decompress it (gunzip).`,
    );
  }
  const header = parseIdxHeader({ name, bytes });
  checkIdxSize({ name, header, size });
  return { name, header };
}
