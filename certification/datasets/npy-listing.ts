import { PerimeterError } from '../perimeter-error.ts';
import type { InputFolder } from '../storage/input-folder.ts';
import { arrayListing } from './array-listing.ts';
import type { ImageLayout } from './image-layout.ts';
import type { Listing } from './listing.ts';
import { checkNpySize, npyOffset, parseNpyHeader, type NpyHeader } from './npy-header.ts';
import { imageElement, npyLabels, parseNpy } from './npy.ts';
import { objectSize } from './object-size.ts';

/** What is fetched of a file at first: NumPy's headers of plain arrays have 128 bytes. */
const HEAD_BYTES = 4096;
/** NumPy itself reads headers of at most 10,000 bytes. */
const MAX_HEADER_BYTES = 64 * 1024;

/**
 * Lists the examples of an NPY file (`numpy.save`) that is too large to be held; its labels are another.
 *
 * @param images uint8 or float32 in C order, N×H×W, N×C×H×W, N×H×W×C, or N×d.
 * @param labels N integers of any type.
 * @param layout of 4-dimensional images; told from their shape where left out.
 * @throws PerimeterError `InvalidDataset`, one sentence that names the file; and whatever the folder throws.
 */
export async function listNpy(
  folder: InputFolder,
  { images, labels, layout }: { images: string; labels: string; layout?: ImageLayout | undefined },
): Promise<Listing> {
  const whole = async (key: string): Promise<NpySpan> => {
    return { key, name: folder.url(key), from: 0, to: await objectSize(folder, key) };
  };
  return npyListing(folder, { images: await whole(images), labels: await whole(labels), layout });
}

/** An NPY file, or what is one within another file. */
export interface NpySpan {
  readonly key: string;
  /** For errors. */
  readonly name: string;
  /** Its first byte in the object, and the one after its last. */
  readonly from: number;
  readonly to: number;
}

/** `listNpy`, of files wherever they are. */
export async function npyListing(
  folder: InputFolder,
  { images, labels, layout }: { images: NpySpan; labels: NpySpan; layout: ImageLayout | undefined },
): Promise<Listing> {
  const { shape, type, littleEndian, offset } = await readHeader(folder, images);
  const element = imageElement({ name: images.name, type });
  const labelHeader = await readHeader(folder, labels);
  checkCount({ name: images.name, examples: shape[0] ?? 0 }, { name: labels.name, header: labelHeader });
  const bytes = await folder.read(labels.key, { from: labels.from, to: labels.to });
  return arrayListing(
    { key: images.key, name: images.name, shape, element, littleEndian, offset: images.from + offset },
    npyLabels(parseNpy({ name: labels.name, bytes })),
    layout,
  );
}

/** Before labels are read whole, they are no more than the images that are there. */
function checkCount(images: { name: string; examples: number }, labels: { name: string; header: NpyHeader }): void {
  const count = labels.header.shape[0] ?? 0;
  if (count === images.examples) return;
  throw new PerimeterError(
    'InvalidDataset',
    `${labels.name} holds ${count} labels, but ${images.name} holds ${images.examples} examples.`,
  );
}

async function readHeader(folder: InputFolder, { key, name, from, to }: NpySpan): Promise<NpyHeader> {
  const size = to - from;
  let bytes = await folder.read(key, { from, to: from + Math.min(size, HEAD_BYTES) });
  const offset = npyOffset({ name, bytes });
  if (offset > MAX_HEADER_BYTES && offset <= size) {
    throw new PerimeterError(
      'InvalidDataset',
      `${name} has an NPY header of ${offset} bytes, but at most ${MAX_HEADER_BYTES} are read.`,
    );
  }
  if (offset > bytes.length && offset <= size) bytes = await folder.read(key, { from, to: from + offset });
  const header = parseNpyHeader({ name, bytes });
  checkNpySize({ name, header, size });
  return header;
}
