import { PerimeterError } from '../perimeter-error.ts';
import type { NamedBytes } from './in-memory-dataset.ts';

/** What an NPY file says of its array before the array itself. */
export interface NpyHeader {
  readonly shape: readonly number[];
  /** NumPy's kind letter and item size: `u1`, `i8`, `f4`. */
  readonly type: string;
  readonly littleEndian: boolean;
  /** Of its first element in the file. */
  readonly offset: number;
  /** How many bytes the elements take. */
  readonly length: number;
}

/** NumPy's header is a Python dictionary of exactly these three entries, in whatever order. */
const entries = {
  descr: /'descr'\s*:\s*'([<>|=])([a-zA-Z]\d+)'/,
  fortranOrder: /'fortran_order'\s*:\s*(True|False)/,
  shape: /'shape'\s*:\s*\(([\d\s,L]*)\)/,
};
/** Magic, version, and the length of the dictionary. */
const MAX_PREFIX_BYTES = 12;

/**
 * Reads the header of an NPY file (versions 1 to 3 of NumPy's `numpy.lib.format`), in C order and of one plain element
 * type.
 *
 * @param file its first bytes, `npyOffset` of them at least, or all.
 * @throws PerimeterError `InvalidDataset`.
 */
export function parseNpyHeader({ name, bytes }: NamedBytes): NpyHeader {
  const offset = npyOffset({ name, bytes });
  if (offset > bytes.length) {
    throw new PerimeterError('InvalidDataset', `${name} is truncated: it ends within its header.`);
  }
  const text = Buffer.from(bytes.subarray(bytes[6] === 1 ? 10 : MAX_PREFIX_BYTES, offset)).toString('utf8');
  const descr = entries.descr.exec(text);
  const fortranOrder = entries.fortranOrder.exec(text)?.[1];
  const sizes = entries.shape.exec(text)?.[1];
  if (descr === null || fortranOrder === undefined || sizes === undefined) {
    throw new PerimeterError(
      'InvalidDataset',
      `${name} has the NPY header ${text.trim()}, but one plain element type, an order and a shape were expected.`,
    );
  }
  if (fortranOrder === 'True') {
    throw new PerimeterError(
      'InvalidDataset',
      `${name} is stored in Fortran order, but C order was expected: save numpy.ascontiguousarray of it.`,
    );
  }
  const [, order, type = ''] = descr;
  const shape = sizes
    .split(',')
    .map((size) => size.trim())
    .filter((size) => size !== '')
    .map((size) => Number.parseInt(size, 10));
  const length = shape.reduce((product, size) => product * size, Number(type.slice(1)));
  return { shape, type, littleEndian: order !== '>', offset, length };
}

/**
 * Where the array begins in an NPY file.
 *
 * @param file its first 12 bytes, or more.
 * @throws PerimeterError `InvalidDataset` where it isn't one.
 */
export function npyOffset({ name, bytes }: NamedBytes): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6];
  const prefix = version === 1 ? 10 : MAX_PREFIX_BYTES;
  const magic = Buffer.from(bytes.subarray(0, 6)).toString('latin1');
  if (magic !== '\x93NUMPY' || version < 1 || version > 3 || bytes.length < prefix) {
    throw new PerimeterError('InvalidDataset', `${name} is not an NPY array of version 1 to 3.`);
  }
  return prefix + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
}

/**
 * Checks that a file holds as much as its header declares.
 *
 * @param size of the whole file, in bytes.
 * @throws PerimeterError `InvalidDataset`.
 */
export function checkNpySize({ name, header, size }: { name: string; header: NpyHeader; size: number }): void {
  const { offset, length, shape, type } = header;
  if (size - offset === length) return;
  throw new PerimeterError(
    'InvalidDataset',
    `${name} holds ${size - offset} bytes after its header, but the header declares ${shape.join('×')} of ${type}, which makes ${length}.`,
  );
}
