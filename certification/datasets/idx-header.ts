import { PerimeterError } from '../perimeter-error.ts';
import type { NamedBytes } from './in-memory-dataset.ts';

/** What an IDX file says of its array before the array itself. */
export interface IdxHeader {
  readonly element: { readonly type: 'uint8' | 'int32'; readonly bytes: number };
  readonly shape: readonly number[];
  /** Of its first element in the file. */
  readonly offset: number;
  /** Of the whole file, in bytes. */
  readonly length: number;
}

/** Element types that pixels and labels come in, by the third byte of the magic number. */
const elements = new Map([
  [0x08, { type: 'uint8', bytes: 1 }],
  [0x0c, { type: 'int32', bytes: 4 }],
] as const);

/** Header of four dimensions, the most that there are. */
export const MAX_IDX_HEADER_BYTES = 20;

/** Whether the bytes begin as IDX does: two zeros, an element type, one to four dimensions. */
export function isIdx(bytes: Uint8Array): boolean {
  const [first, second, type = 0, dimensions = 0] = bytes;
  return first === 0 && second === 0 && type >= 0x08 && type <= 0x0e && dimensions >= 1 && dimensions <= 4;
}

/**
 * Reads the header of an IDX file of uint8 or int32.
 *
 * @param file its first 20 bytes, or more, or all.
 * @throws PerimeterError `InvalidDataset`.
 */
export function parseIdxHeader({ name, bytes }: NamedBytes): IdxHeader {
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
  return { element, shape, offset, length: offset + shape.reduce((product, size) => product * size, element.bytes) };
}

/**
 * Checks that a file holds as much as its header declares.
 *
 * @param size of the whole file, in bytes.
 * @throws PerimeterError `InvalidDataset`.
 */
export function checkIdxSize({ name, header, size }: { name: string; header: IdxHeader; size: number }): void {
  const { element, shape, length } = header;
  if (size === length) return;
  throw new PerimeterError(
    'InvalidDataset',
    `${name} holds ${size} bytes, but its header declares ${shape.join('×')} of ${element.type}, which makes ${length}: it is ${size < length ? 'truncated' : 'followed by something else'}.`,
  );
}

/** @throws PerimeterError `InvalidDataset` where it can't hold images. */
export function checkIdxImages({ name, header: { element, shape } }: { name: string; header: IdxHeader }): void {
  if (element.type === 'uint8' && (shape.length === 3 || shape.length === 4)) return;
  throw new PerimeterError(
    'InvalidDataset',
    `${name} is an IDX file of shape ${shape.join('×')}, ${element.type}, but images are uint8, N×height×width or N×channels×height×width.`,
  );
}

/** @throws PerimeterError `InvalidDataset` where it can't hold labels. */
export function checkIdxLabels({ name, header: { shape } }: { name: string; header: IdxHeader }): void {
  if (shape.length === 1) return;
  throw new PerimeterError(
    'InvalidDataset',
    `${name} is an IDX file of shape ${shape.join('×')}, but labels have one dimension.`,
  );
}

/** @param body what follows the header. */
export function idxValues({ element }: IdxHeader, body: Uint8Array): Uint8Array | Int32Array {
  if (element.type === 'uint8') return body;
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  return Int32Array.from({ length: body.length / 4 }, (_, index) => view.getInt32(4 * index));
}

function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ') || 'nothing';
}
