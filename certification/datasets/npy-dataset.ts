import type { Dataset } from './dataset.ts';
import type { ImageLayout } from './image-layout.ts';
import { inMemoryDataset, type NamedBytes } from './in-memory-dataset.ts';
import { npyImages, npyLabels, parseNpy } from './npy.ts';

/**
 * Reads images and labels that `numpy.save` wrote, each in a file of its own.
 *
 * @param images uint8 or float32 in C order, N×H×W, N×C×H×W, N×H×W×C, or N×d features.
 * @param labels N integers of any type.
 * @param layout of 4-dimensional images; told from their shape where left out.
 * @throws PerimeterError `InvalidDataset`.
 */
export function readNpyPair({
  images,
  labels,
  layout,
}: {
  images: NamedBytes;
  labels: NamedBytes;
  layout?: ImageLayout | undefined;
}): Dataset {
  return inMemoryDataset({
    images: npyImages(parseNpy(images)),
    labels: npyLabels(parseNpy(labels)),
    layout,
    files: [images.bytes, labels.bytes],
  });
}
