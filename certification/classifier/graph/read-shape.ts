import { PerimeterError } from '../../perimeter-error.ts';
import { printed } from './read-model.ts';
import type { DeclaredValue } from './read-model.ts';

/** How a model's input is laid out: images with channels first or last, or plain vectors. */
export type Layout = 'NCHW' | 'NHWC' | 'features';

/**
 * The layout of a model's input, and the shape of one example in it. An input of rank 4 is an image: NHWC where the last
 * axis has 1 or 3 channels and the second has not, else NCHW; `options.layout` overrules. One of rank 2 is a vector of
 * features.
 *
 * @param options.name what messages call the file
 * @throws PerimeterError `InvalidModel`, one sentence, for another rank, or where another axis than the first is free
 */
export function readShape(
  input: DeclaredValue,
  options: { name: string; layout?: 'NCHW' | 'NHWC' | undefined },
): { layout: Layout; shape: number[] } {
  const { name } = options;
  const [, ...example] = input.dims;
  const shape = example.map((size, index) => {
    if (typeof size === 'number') return size;
    throw new PerimeterError(
      'InvalidModel',
      `${name} leaves axis ${index + 1} of input '${input.name}' free (${printed(input.dims)}): only the batch axis may be; export it with a fixed size.`,
    );
  });
  if (shape.length === 1) return { layout: 'features', shape };
  if (shape.length === 3) {
    const [first, second, third] = shape;
    const channelsLast = isChannels(third) && !isChannels(first);
    const layout = options.layout ?? (channelsLast ? 'NHWC' : 'NCHW');
    return { layout, shape: layout === 'NHWC' ? [third, first, second] : shape };
  }
  throw new PerimeterError(
    'InvalidModel',
    `${name} has input '${input.name}' of shape ${printed(input.dims)}: expected images [batch, channels, height, width] or [batch, height, width, channels], or features [batch, d].`,
  );
}

function isChannels(size: number): boolean {
  return size === 1 || size === 3;
}
