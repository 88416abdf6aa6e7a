import { PerimeterError } from '../perimeter-error.ts';

/** Axis order of a set of images: channels before or after height and width. */
export type ImageLayout = 'NCHW' | 'NHWC';

const isChannelCount = (size: number): boolean => size === 1 || size === 3;

/**
 * Tells channels-first images from channels-last ones: the channel axis is the one of size 1 (grey) or 3 (colour).
 *
 * @param image the three dimensions of one image, as stored.
 * @param name the file, for the error.
 * @throws PerimeterError `InvalidDataset` where both or neither of the outer axes could be channels.
 */
export function imageLayout(image: readonly [number, number, number], name: string): ImageLayout {
  const [first, , last] = image;
  if (isChannelCount(last) && !isChannelCount(first)) return 'NHWC';
  if (isChannelCount(first) && !isChannelCount(last)) return 'NCHW';
  throw new PerimeterError(
    'InvalidDataset',
    `The images in ${name} are ${image.join('×')}, which leaves open whether the first or the last axis holds the channels; say so with the dataset's layout, NCHW or NHWC.`,
  );
}
