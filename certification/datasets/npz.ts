import { PerimeterError } from '../perimeter-error.ts';
import type { Dataset } from './dataset.ts';
import type { ImageLayout } from './image-layout.ts';
import { inMemoryDataset, type NamedBytes } from './in-memory-dataset.ts';
import { npyImages, npyLabels, parseNpy, type NpyArray } from './npy.ts';
import { zipMembers } from './zip-members.ts';

/**
 * Reads what `numpy.savez` or `numpy.savez_compressed` wrote, of two arrays: `images`, uint8 or float32, N×H×W,
 * N×C×H×W, N×H×W×C, or N×d features; `labels`, N integers of any type.
 *
 * @param layout of 4-dimensional images; told from their shape where left out.
 * @throws PerimeterError `InvalidDataset`.
 */
export async function readNpz({
  file,
  layout,
}: {
  file: NamedBytes;
  layout?: ImageLayout | undefined;
}): Promise<Dataset> {
  const { names, contents } = await zipMembers(file, ['images.npy', 'labels.npy']);
  const array = (key: string): NpyArray => {
    const bytes = contents.get(`${key}.npy`);
    if (bytes === undefined) {
      const found = names.map((name) => name.replace(/\.npy$/, '')).join(', ') || 'nothing';
      throw new PerimeterError('InvalidDataset', `${file.name} has no array "${key}"; it holds ${found}.`);
    }
    return parseNpy({ name: `"${key}" of ${file.name}`, bytes });
  };
  return inMemoryDataset({
    images: npyImages(array('images')),
    labels: npyLabels(array('labels')),
    layout,
    files: [file.bytes],
  });
}
