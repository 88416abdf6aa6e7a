import { PerimeterError } from '../perimeter-error.ts';
import type { Dataset } from './dataset.ts';
import { isIdx, readIdx } from './idx.ts';
import type { ImageLayout } from './image-layout.ts';
import { readNpz } from './npz.ts';
import { isGzip } from './read-gzip.ts';
import { isZip } from './zip-members.ts';

type DatasetFormat = 'idx' | 'npz';

export interface DatasetLocation {
  /** Path or URI of the images, or of the file that holds images and labels. */
  readonly images: string;
  /** Path or URI of the labels, of formats that keep them apart (IDX). */
  readonly labels?: string | undefined;
  /** Told from the first bytes, else from the name, where left out. */
  readonly format?: DatasetFormat | undefined;
  /** Axis order of 4-dimensional images, where their shape leaves it open. */
  readonly layout?: ImageLayout | undefined;
}

/**
 * Opens a labelled test set. It is checked whole: once open, every example can be read.
 *
 * @param location where it is and, where it can't be told, what it is.
 * @param readObject reads all that a path or URI holds.
 * @throws PerimeterError `InvalidDataset`, one sentence that names the file; and whatever `readObject` throws.
 */
export async function openDataset(
  location: DatasetLocation,
  readObject: (uri: string) => Promise<Uint8Array>,
): Promise<Dataset> {
  const { layout } = location;
  const file = { name: location.images, bytes: await readObject(location.images) };
  const format = location.format ?? detectFormat(file.name, file.bytes);
  switch (format) {
    case 'idx': {
      if (location.labels === undefined) {
        throw new PerimeterError(
          'InvalidDataset',
          `${file.name} holds images alone, as IDX does: name the file of their labels too.`,
        );
      }
      const labels = { name: location.labels, bytes: await readObject(location.labels) };
      return readIdx({ images: file, labels, layout });
    }
    case 'npz':
      if (location.labels !== undefined) {
        throw new PerimeterError(
          'InvalidDataset',
          `${file.name} is an NPZ file and holds its own labels: leave out ${location.labels}.`,
        );
      }
      return readNpz({ file, layout });
  }
}

function detectFormat(name: string, bytes: Uint8Array): DatasetFormat {
  if (isZip(bytes)) return 'npz';
  if (isIdx(bytes) || isGzip(bytes)) return 'idx';
  if (/\.npz$/i.test(name)) return 'npz';
  if (/(\.idx|-ubyte)(\.gz)?$/i.test(name)) return 'idx';
  throw new PerimeterError(
    'InvalidDataset',
    `${name} is neither IDX (plain or gzip) nor NPZ, by its first bytes and its name.`,
  );
}
