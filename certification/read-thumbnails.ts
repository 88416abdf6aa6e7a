import type { Dataset } from './datasets/dataset.ts';
import { mapConcurrently } from './map-concurrently.ts';
import { PerimeterError } from './perimeter-error.ts';
import type { Claim } from './records/claim.ts';
import { encodeThumbnails, shrinkImage, thumbnailShape } from './report/thumbnails.ts';

/** Examples read at once: enough to keep a few cores decoding and to hide a store's latency; each is gone when it is shrunk. */
const READS = 8;

/**
 * The bytes of `thumbnails.bin`: pictures of some examples, in the order given. Examples that can't be read are left out.
 *
 * @param claim whose examples are images.
 * @param wanted indices in the dataset.
 * @throws PerimeterError `InputUnavailable` where they aren't here.
 */
export async function thumbnailsOf({
  claim,
  dataset,
  wanted,
}: {
  claim: Claim;
  dataset: Dataset;
  wanted: readonly number[];
}): Promise<Uint8Array> {
  const shape = thumbnailShape(claim);
  if (shape === undefined) throw new RangeError('The examples of this claim are no images.');
  const read = await mapConcurrently(wanted, READS, async (index) => ({
    index,
    pixels: await readThumbnail({ claim, dataset, index }),
  }));
  const pictures = read.flatMap(({ index, pixels }) => (pixels === undefined ? [] : [{ index, pixels }]));
  return encodeThumbnails({
    ...shape,
    indices: pictures.map(({ index }) => index),
    pixels: new Uint8Array(Buffer.concat(pictures.map(({ pixels }) => pixels))),
  });
}

/** An example's picture; undefined where it can't be read. */
export async function readThumbnail({
  claim,
  dataset,
  index,
}: {
  claim: Claim;
  dataset: Dataset;
  index: number;
}): Promise<Uint8Array | undefined> {
  try {
    return shrinkImage((await dataset.read(index)).values, claim.model.shape);
  } catch (error) {
    if (error instanceof PerimeterError && error.code === 'UnreadableExample') return undefined;
    throw error;
  }
}
