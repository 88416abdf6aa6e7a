import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes a test set of 8-bit images as IDX files, and says where they are. */
export function writeIdx({
  folder,
  shape,
  images,
  labels,
}: {
  folder: string;
  shape: readonly [height: number, width: number];
  images: readonly Uint8Array[];
  labels: readonly number[];
}): { dataset: string; labels: string } {
  const header = (magic: number, ...sides: number[]) => {
    const bytes = Buffer.alloc(4 + 4 * sides.length);
    bytes.writeUInt32BE(magic);
    sides.forEach((side, at) => bytes.writeUInt32BE(side, 4 + 4 * at));
    return bytes;
  };
  const paths = { dataset: join(folder, 'images.idx'), labels: join(folder, 'labels.idx') };
  writeFileSync(paths.dataset, Buffer.concat([header(0x0803, images.length, ...shape), ...images]));
  writeFileSync(paths.labels, Buffer.concat([header(0x0801, labels.length), Uint8Array.from(labels)]));
  return paths;
}
