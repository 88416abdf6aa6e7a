import { PerimeterError } from '../perimeter-error.ts';
import type { InputFolder } from '../storage/input-folder.ts';
import { checkIndex, labelRange, type Base, type ListedDataset } from './dataset.ts';
import { decodeExample, imageShape, shapeOf } from './decode-example.ts';
import { decoderProbe } from './decoder-probe.ts';
import { createFetch } from './fetch-example.ts';
import type { ImageOptions } from './image-options.ts';
import type { Listing } from './listing.ts';

/** The size of images that are neither resized nor cropped is the first one's that can be read, among so many. */
const TRIED_FOR_SHAPE = 16;

/**
 * A dataset whose examples are read one by one.
 *
 * @param base what the folder is to the dataset's URI.
 * @param images how image files are decoded.
 * @param name of the dataset, for messages.
 * @throws PerimeterError `InvalidDataset` where none of the first images can be read.
 */
export async function listedDataset({
  folder,
  base,
  listing,
  images,
  name,
}: {
  folder: InputFolder;
  base: Base;
  listing: Listing;
  images: ImageOptions;
  name: string;
}): Promise<ListedDataset> {
  const { examples, labels, classNames, encoding, locate } = listing;
  const options = encoding.type === 'image' ? images : null;
  const fetch = createFetch(folder);
  const bytes = async (index: number) => {
    checkIndex(index, examples);
    const locator = locate(index);
    try {
      return await fetch(locator);
    } catch (error) {
      if (!(error instanceof PerimeterError && error.code === 'NotFound')) throw error;
      throw new PerimeterError('InvalidDataset', `${name} lists ${folder.url(locator.key)}, which is not there.`, {
        cause: error,
      });
    }
  };
  const firstShape = async () => {
    let why = '';
    for (let index = 0; index < Math.min(examples, TRIED_FOR_SHAPE); index++) {
      try {
        return await imageShape(await bytes(index), options);
      } catch (error) {
        if (!(error instanceof PerimeterError && error.code === 'UnreadableExample')) throw error;
        why ||= error.message;
      }
    }
    throw new PerimeterError('InvalidDataset', `${name}: none of its first images can be read; of the first, ${why}.`);
  };
  const shape = shapeOf(encoding, options) ?? (await firstShape());
  return {
    examples,
    shape,
    kind: encoding.type === 'array' ? encoding.element : 'uint8',
    labels: labelRange(labels),
    classNames,
    images: options === null ? null : { ...options, probe: await decoderProbe(options) },
    digestOf: 'examples',
    sha256: null,
    base,
    encoding,
    locate: (index) => {
      checkIndex(index, examples);
      return locate(index);
    },
    bytes,
    label: (index) => {
      checkIndex(index, examples);
      return labels[index];
    },
    async read(index) {
      const values = await decodeExample(await bytes(index), { encoding, images: options, shape });
      return { index, label: labels[index], values };
    },
  };
}
