import { channelsFirst } from './channels-first.ts';
import { decodeImage, type Pixels } from './decode-image.ts';
import type { ImageOptions } from './image-options.ts';
import type { Encoding } from './listing.ts';
import { unreadable } from './unreadable.ts';

/** What examples of a dataset become, and from what. */
export interface Decoding {
  readonly encoding: Encoding;
  readonly images: ImageOptions | null;
  /** Of one example, channels first. */
  readonly shape: readonly number[];
}

/**
 * An example's values from its bytes.
 *
 * @param bytes null where there are more of them than are read.
 * @throws PerimeterError `UnreadableExample`.
 */
export async function decodeExample(
  bytes: Uint8Array | null,
  { encoding, images, shape }: Decoding,
): Promise<Uint8Array | Float32Array> {
  if (bytes === null) throw unreadable('has more than the 64 MiB allowed for it');
  if (encoding.type === 'array') return decodeArray(bytes, encoding);
  const decoded = await decodeImage(bytes, imagesOf(images));
  if (decoded.shape.every((side, axis) => side === shape[axis])) return decoded.values;
  throw unreadable(
    `is ${decoded.shape.join('×')}, and the dataset's are ${shape.join('×')}: ask for "resize" and "crop" to make them one size`,
  );
}

/** The shape of a dataset's examples, channels first, where it can be told without reading one. */
export function shapeOf(encoding: Encoding, images: ImageOptions | null): readonly number[] | undefined {
  if (encoding.type === 'array') {
    const { stored, channelsLast } = encoding;
    if (stored.length === 2) return [1, ...stored];
    return channelsLast ? [stored[2], stored[0], stored[1]] : stored;
  }
  const { crop, channels } = imagesOf(images);
  return crop === null ? undefined : [channels, crop, crop];
}

/** The shape of an image as it is decoded. */
export async function imageShape(bytes: Uint8Array | null, images: ImageOptions | null): Promise<Pixels['shape']> {
  if (bytes === null) throw unreadable('has more than the 64 MiB allowed for it');
  return (await decodeImage(bytes, imagesOf(images))).shape;
}

function imagesOf(images: ImageOptions | null): ImageOptions {
  if (images === null) throw new Error('Images are decoded by image options.');
  return images;
}

function decodeArray(bytes: Uint8Array, encoding: Encoding & { type: 'array' }): Uint8Array | Float32Array {
  const { element, littleEndian, stored, channelsLast } = encoding;
  let values: Uint8Array | Float32Array = bytes;
  if (element === 'float32') {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    values = new Float32Array(bytes.length / 4);
    for (let at = 0; at < values.length; at++) {
      values[at] = view.getFloat32(4 * at, littleEndian);
      if (!Number.isFinite(values[at])) throw unreadable('holds a value that is not a finite number');
    }
  }
  return channelsLast ? channelsFirst(values, stored[2]) : values;
}
