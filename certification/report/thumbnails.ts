import type { Claim } from '../records/claim.ts';

/** Small pictures of some examples of a run. */
export interface Thumbnails extends ThumbnailShape {
  /** Of the examples in the dataset, in the order of the pictures. */
  readonly indices: readonly number[];
  /** One picture after another: rows from the top, in a row pixels from the left, of each its channels. */
  readonly pixels: Uint8Array;
}

export interface ThumbnailShape {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
}

/** Enough to recognise a picture in a line of a table. */
const LONGEST_SIDE = 32;
/** Bytes of all pictures of a run: those of 2,674 images of 28 × 28 grey pixels, or 682 of 32 × 32 coloured ones. */
const MOST_BYTES = 2 ** 21;
const NEWLINE = 10;

/**
 * The shape of a claim's thumbnails: that of its examples, divided by the least whole number that leaves no side longer
 * than 32 pixels. Undefined where its examples are no grey or coloured images, or only stand for some.
 */
export function thumbnailShape({ model, stub }: Claim): ThumbnailShape | undefined {
  if (stub !== undefined || model.shape.length !== 3) return undefined;
  const [channels, height, width] = model.shape;
  if (channels !== 1 && channels !== 3) return undefined;
  const factor = shrinkFactor(height, width);
  return { width: Math.ceil(width / factor), height: Math.ceil(height / factor), channels };
}

/** How many pictures of a shape a run keeps. */
export function mostThumbnails({ width, height, channels }: ThumbnailShape): number {
  return Math.floor(MOST_BYTES / (width * height * channels));
}

/**
 * An example's picture: the means of square blocks of pixels, rounded half up; blocks at the right and lower edges hold
 * what is left.
 *
 * @param values channels first, as datasets give them: 8-bit pixels, or float32 values, of which those from 0 to 1 are shown.
 * @param shape `[channels, height, width]` of the values.
 */
export function shrinkImage(
  values: Uint8Array | Float32Array,
  [channels, height, width]: readonly number[],
): Uint8Array {
  const factor = shrinkFactor(height, width);
  const [rows, columns] = [Math.ceil(height / factor), Math.ceil(width / factor)];
  const pixels = values instanceof Uint8Array ? values : Uint8Array.from(values, pixelOf);
  const shrunk = new Uint8Array(rows * columns * channels);
  for (let row = 0; row < rows; row++) {
    const lower = Math.min(height, (row + 1) * factor);
    for (let column = 0; column < columns; column++) {
      const right = Math.min(width, (column + 1) * factor);
      const size = (lower - row * factor) * (right - column * factor);
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let y = row * factor; y < lower; y++) {
          for (let x = column * factor; x < right; x++) sum += pixels[(channel * height + y) * width + x];
        }
        shrunk[(row * columns + column) * channels + channel] = Math.floor((2 * sum + size) / (2 * size));
      }
    }
  }
  return shrunk;
}

function shrinkFactor(height: number, width: number): number {
  return Math.ceil(Math.max(height, width) / LONGEST_SIDE);
}

function pixelOf(value: number): number {
  return Math.round(255 * Math.min(1, Math.max(0, value)));
}

/** `thumbnails.bin`: a line of JSON with all but the pixels, then the pixels. */
export function encodeThumbnails({ width, height, channels, indices, pixels }: Thumbnails): Uint8Array {
  const header = JSON.stringify({ version: 1, width, height, channels, indices });
  return new Uint8Array(Buffer.concat([Buffer.from(`${header}\n`), pixels]));
}

/**
 * Reads `thumbnails.bin`.
 *
 * @param shape that they must have.
 * @returns undefined where the bytes aren't those that `encodeThumbnails` makes of pictures of this shape.
 */
export function parseThumbnails(bytes: Uint8Array, shape: ThumbnailShape): Thumbnails | undefined {
  const end = bytes.indexOf(NEWLINE);
  if (end < 0) return undefined;
  const pixels = bytes.subarray(end + 1);
  const size = shape.width * shape.height * shape.channels;
  try {
    const { indices } = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end))) as { indices: number[] };
    if (!Array.isArray(indices) || !indices.every((index) => Number.isSafeInteger(index) && index >= 0))
      return undefined;
    const found: Thumbnails = { ...shape, indices, pixels };
    const same = Buffer.compare(encodeThumbnails(found), bytes) === 0;
    return same && pixels.length === size * indices.length ? found : undefined;
  } catch {
    return undefined;
  }
}
