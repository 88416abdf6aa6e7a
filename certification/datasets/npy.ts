import { PerimeterError } from '../perimeter-error.ts';
import type { NamedArray, NamedBytes } from './in-memory-dataset.ts';
import { checkNpySize, parseNpyHeader } from './npy-header.ts';

export interface NpyArray {
  readonly name: string;
  readonly shape: readonly number[];
  /** NumPy's kind letter and item size: `u1`, `i8`, `f4`. */
  readonly type: string;
  readonly littleEndian: boolean;
  /** In C order. */
  readonly body: Uint8Array;
}

/**
 * Takes an NPY file apart (versions 1 to 3 of NumPy's `numpy.lib.format`), in C order and of one plain element type.
 *
 * @throws PerimeterError `InvalidDataset`.
 */
export function parseNpy({ name, bytes }: NamedBytes): NpyArray {
  const header = parseNpyHeader({ name, bytes });
  checkNpySize({ name, header, size: bytes.length });
  const { shape, type, littleEndian, offset } = header;
  return { name, shape, type, littleEndian, body: bytes.subarray(offset) };
}

/** @throws PerimeterError `InvalidDataset` where they are neither uint8 nor float32. */
export function npyImages({ name, shape, type, littleEndian, body }: NpyArray): NamedArray<Uint8Array | Float32Array> {
  if (imageElement({ name, type }) === 'uint8') return { name, shape, values: body };
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const values = new Float32Array(body.length / 4);
  for (let index = 0; index < values.length; index++) values[index] = view.getFloat32(4 * index, littleEndian);
  return { name, shape, values };
}

/** @throws PerimeterError `InvalidDataset` where the elements of images are neither uint8 nor float32. */
export function imageElement({ name, type }: { name: string; type: string }): 'uint8' | 'float32' {
  if (type === 'u1') return 'uint8';
  if (type === 'f4') return 'float32';
  throw new PerimeterError(
    'InvalidDataset',
    `${name} has the element type ${type}, but images are uint8 (0 to 255) or float32 (0 to 1).`,
  );
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
