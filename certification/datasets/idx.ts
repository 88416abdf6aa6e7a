import { PerimeterError } from '../perimeter-error.ts';
import type { Dataset } from './dataset.ts';
import type { ImageLayout } from './image-layout.ts';
import { inMemoryDataset, type NamedArray, type NamedBytes } from './in-memory-dataset.ts';
import { MAX_IN_MEMORY_BYTES } from './in-memory-limit.ts';
import { gunzipHead, gunzipWhole, isGzip } from './read-gzip.ts';

/** Element types that pixels and labels come in, by the third byte of the magic number. */
const elements = new Map([
  [0x08, { type: 'uint8', bytes: 1 }],
  [0x0c, { type: 'int32', bytes: 4 }],
] as const);

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
  if (!(images.values instanceof Uint8Array) || images.shape.length < 3 || images.shape.length > 4) {
    throw new PerimeterError(
      'InvalidDataset',
      `${images.name} is an IDX file of shape ${images.shape.join('×')}, ${elementType(images.values)}, but images are uint8, N×height×width or N×channels×height×width.`,
    );
  }
  const labels = await readArray(files.labels);
  if (labels.shape.length !== 1) {
    throw new PerimeterError(
      'InvalidDataset',
      `${labels.name} is an IDX file of shape ${labels.shape.join('×')}, but labels have one dimension.`,
    );
  }
  return inMemoryDataset({
    images: { ...images, values: images.values },
    labels,
    layout: files.layout ?? 'NCHW',
    files: [files.images.bytes, files.labels.bytes],
  });
}

/** Whether the bytes begin as IDX does: two zeros, an element type, one to four dimensions. */
export function isIdx(bytes: Uint8Array): boolean {
  const [first, second, type = 0, dimensions = 0] = bytes;
  return first === 0 && second === 0 && type >= 0x08 && type <= 0x0e && dimensions >= 1 && dimensions <= 4;
}

function elementType(values: Uint8Array | Int32Array): string {
  return values instanceof Uint8Array ? 'uint8' : 'int32';
}

async function readArray(file: NamedBytes): Promise<NamedArray<Uint8Array | Int32Array>> {
  const { name } = file;
  const head = isGzip(file.bytes) ? await gunzipHead(file) : file.bytes;
  const header = readHeader(name, head);
  const bytes = isGzip(file.bytes) ? await gunzipWhole(file, header.length) : file.bytes;
  if (bytes.length !== header.length) {
    throw new PerimeterError(
      'InvalidDataset',
      `${name} holds ${bytes.length} bytes, but its header declares ${header.shape.join('×')} of ${header.element.type}, which makes ${header.length}: it is ${bytes.length < header.length ? 'truncated' : 'followed by something else'}.`,
    );
  }
  const body = bytes.subarray(header.offset);
  return { name, shape: header.shape, values: header.element.type === 'uint8' ? body : bigEndianInt32(body) };
}

function readHeader(name: string, bytes: Uint8Array) {
  const element = elements.get(bytes[2] as 0x08);
  if (!isIdx(bytes) || element === undefined) {
    throw new PerimeterError(
      'InvalidDataset',
      `${name} is not an IDX file of uint8 or int32: it begins with ${hexadecimal(bytes.subarray(0, 4))}, where 00 00 08 or 00 00 0c and the number of dimensions was expected.`,
    );
  }
  const dimensions = bytes[3];
  const offset = 4 + 4 * dimensions;
  if (bytes.length < offset) {
    throw new PerimeterError('InvalidDataset', `${name} is truncated: it ends within its header.`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: dimensions }, (_, axis) => view.getUint32(4 + 4 * axis));
  const length = offset + shape.reduce((product, size) => product * size, element.bytes);
  if (length > MAX_IN_MEMORY_BYTES) {
    throw new PerimeterError(
      'InvalidDataset',
      `${name} declares ${shape.join('×')} of ${element.type}, ${length} bytes, but a dataset that is held whole may have at most ${MAX_IN_MEMORY_BYTES}: split it.`,
    );
  }
  return { element, shape, offset, length };
}

function bigEndianInt32(bytes: Uint8Array): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int32Array.from({ length: bytes.length / 4 }, (_, index) => view.getInt32(4 * index));
}

function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ') || 'nothing';
}
