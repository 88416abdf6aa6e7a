import { PerimeterError } from '../perimeter-error.ts';
import type { NamedArray, NamedBytes } from './in-memory-dataset.ts';

export interface NpyArray {
  readonly name: string;
  readonly shape: readonly number[];
  /** NumPy's kind letter and item size: `u1`, `i8`, `f4`. */
  readonly type: string;
  readonly littleEndian: boolean;
  /** In C order. */
  readonly body: Uint8Array;
}

/** NumPy's header is a Python dictionary of exactly these three entries, in whatever order. */
const entries = {
  descr: /'descr'\s*:\s*'([<>|=])([a-zA-Z]\d+)'/,
  fortranOrder: /'fortran_order'\s*:\s*(True|False)/,
  shape: /'shape'\s*:\s*\(([\d\s,L]*)\)/,
};

/**
 * Takes an NPY file apart (versions 1 to 3 of NumPy's `numpy.lib.format`), in C order and of one plain element type.
 *
 * @throws PerimeterError `InvalidDataset`.
 */
export function parseNpy({ name, bytes }: NamedBytes): NpyArray {
  const { text, offset } = readHeader(name, bytes);
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
  const body = bytes.subarray(offset);
  const expected = shape.reduce((product, size) => product * size, Number(type.slice(1)));
  if (body.length !== expected) {
    throw new PerimeterError(
      'InvalidDataset',
      `${name} holds ${body.length} bytes after its header, but the header declares ${shape.join('×')} of ${type}, which makes ${expected}.`,
    );
  }
  return { name, shape, type, littleEndian: order !== '>', body };
}

function readHeader(name: string, bytes: Uint8Array): { text: string; offset: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6];
  const lengthBytes = version === 1 ? 2 : 4;
  const magic = Buffer.from(bytes.subarray(0, 6)).toString('latin1');
  if (magic !== '\x93NUMPY' || version < 1 || version > 3 || bytes.length < 8 + lengthBytes) {
    throw new PerimeterError('InvalidDataset', `${name} is not an NPY array of version 1 to 3.`);
  }
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const offset = 8 + lengthBytes + length;
  if (offset > bytes.length)
    throw new PerimeterError('InvalidDataset', `${name} is truncated: it ends within its header.`);
  return { text: Buffer.from(bytes.subarray(8 + lengthBytes, offset)).toString('utf8'), offset };
}

/** @throws PerimeterError `InvalidDataset` where they are neither uint8 nor float32. */
export function npyImages({ name, shape, type, littleEndian, body }: NpyArray): NamedArray<Uint8Array | Float32Array> {
  if (type === 'u1') return { name, shape, values: body };
  if (type !== 'f4') {
    throw new PerimeterError(
      'InvalidDataset',
      `${name} has the element type ${type}, but images are uint8 (0 to 255) or float32 (0 to 1).`,
    );
  }
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const values = new Float32Array(body.length / 4);
  for (let index = 0; index < values.length; index++) values[index] = view.getFloat32(4 * index, littleEndian);
  return { name, shape, values };
}

/** @throws PerimeterError `InvalidDataset` where they aren't integers, or have more than one dimension. */
export function npyLabels({ name, shape, type, littleEndian, body }: NpyArray): NamedArray<Float64Array> {
  const [count = 0, ...others] = shape;
  if (shape.length === 0 || others.some((size) => size !== 1)) {
    throw new PerimeterError(
      'InvalidDataset',
      `${name} has the shape ${shape.join('×') || '(none)'}, but one label for each example was expected.`,
    );
  }
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const get = integerGetter(view, type);
  if (get === undefined) {
    throw new PerimeterError('InvalidDataset', `${name} has the element type ${type}, but labels are integers.`);
  }
  const bytes = Number(type.slice(1));
  return { name, shape, values: Float64Array.from({ length: count }, (_, index) => get(index * bytes, littleEndian)) };
}

function integerGetter(view: DataView, type: string): ((at: number, littleEndian: boolean) => number) | undefined {
  switch (type) {
    case 'u1':
      return (at) => view.getUint8(at);
    case 'i1':
      return (at) => view.getInt8(at);
    case 'u2':
      return (at, littleEndian) => view.getUint16(at, littleEndian);
    case 'i2':
      return (at, littleEndian) => view.getInt16(at, littleEndian);
    case 'u4':
      return (at, littleEndian) => view.getUint32(at, littleEndian);
    case 'i4':
      return (at, littleEndian) => view.getInt32(at, littleEndian);
    case 'u8':
      return (at, littleEndian) => Number(view.getBigUint64(at, littleEndian));
    case 'i8':
      return (at, littleEndian) => Number(view.getBigInt64(at, littleEndian));
    default:
      return undefined;
  }
}
