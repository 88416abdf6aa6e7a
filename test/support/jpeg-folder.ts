import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { random } from '../models/random.ts';

/** A picture's class, in binary, as dark and bright cells of a grid in its middle. */
const ROWS = 2;
const COLUMNS = 5;
const MOST_CLASSES = 2 ** (ROWS * COLUMNS);

export interface JpegFolder {
  readonly folder: string;
  readonly images: number;
  readonly classes: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Writes a folder like ImageNet's: a folder a class, in it JPEG files, no two with the same bytes. What class a picture
 * is of can be seen in it (`classOfPicture`).
 */
export async function writeJpegFolder({ folder, images, classes, width, height }: JpegFolder): Promise<void> {
  if (classes > MOST_CLASSES) throw new RangeError(`at most ${MOST_CLASSES} classes`);
  for (let label = 0; label < classes; label++) {
    const name = join(folder, `class-${String(label).padStart(4, '0')}`);
    mkdirSync(name, { recursive: true });
    const picture = await jpegOfClass({ label, width, height });
    for (let image = label; image < images; image += classes) {
      writeFileSync(join(name, `${String(image).padStart(8, '0')}.jpg`), withComment(picture, String(image)));
    }
  }
}

/** A JPEG file that shows a class. */
export async function jpegOfClass({
  label,
  width,
  height,
}: {
  label: number;
  width: number;
  height: number;
}): Promise<Buffer> {
  const next = random(label + 1);
  const pixels = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bright = cellIsBright(label, x / width, y / height);
      // Photographs have both: smooth slopes and texture.
      const value = (bright ? 190 : 40) + 20 * Math.sin(x / 17 + y / 11) + 25 * next();
      pixels.fill(value, 3 * (y * width + x), 3 * (y * width + x) + 3);
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();
}

function cellIsBright(label: number, x: number, y: number): boolean {
  const column = Math.floor(((x - 0.25) / 0.5) * COLUMNS);
  const row = Math.floor(((y - 0.25) / 0.5) * ROWS);
  if (column < 0 || column >= COLUMNS || row < 0 || row >= ROWS) return false;
  return ((label >> (row * COLUMNS + column)) & 1) === 1;
}

/** A JPEG file with a comment behind its first marker: other bytes, the same picture. */
function withComment(jpeg: Buffer, comment: string): Buffer {
  const segment = Buffer.from([0xff, 0xfe, 0, comment.length + 2, ...Buffer.from(comment)]);
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]);
}

/**
 * The class that a picture shows.
 *
 * @param values channels first; the whole picture or a crop of its centre.
 * @param shape of the values.
 * @param shown how much of the picture's width and height they show.
 */
export function classOfPicture(
  values: Uint8Array | Float32Array,
  [, height, width]: readonly number[],
  shown: { width: number; height: number },
): number {
  let label = 0;
  for (let cell = 0; cell < ROWS * COLUMNS; cell++) {
    const x = 0.5 + ((((cell % COLUMNS) + 0.5) / COLUMNS) * 0.5 - 0.25) / shown.width;
    const y = 0.5 + (((Math.floor(cell / COLUMNS) + 0.5) / ROWS) * 0.5 - 0.25) / shown.height;
    const value = values[Math.floor(y * height) * width + Math.floor(x * width)];
    if (value > 128) label |= 1 << cell;
  }
  return label;
}
