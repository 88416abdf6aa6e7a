import { PerimeterError } from '../perimeter-error.ts';
import { imageLayout, type ImageLayout } from './image-layout.ts';

/**
 * The shape of one example, channels first, and whether it is stored with its channels last.
 *
 * @param images their name, for errors, and the shape of all: N×H×W, N×C×H×W, N×H×W×C, or N×d.
 * @param layout of 4-dimensional images; told from their shape where left out.
 * @throws PerimeterError `InvalidDataset` where that isn't the shape of examples, or leaves the layout open.
 */
export function exampleAxes(
  { name, shape }: { readonly name: string; readonly shape: readonly number[] },
  layout: ImageLayout | undefined,
): { shape: readonly number[]; channelsLast: boolean } {
  const [, a = 0, b = 0, c = 0] = shape;
  if (shape.length < 2 || shape.length > 4 || shape.some((size) => size < 1)) {
    throw new PerimeterError(
      'InvalidDataset',
      `${name} has the shape ${shape.join('×') || '(none)'}, but N×height×width, N×channels×height×width, N×height×width×channels or N×features was expected, none of them 0.`,
    );
  }
  if (shape.length === 2) return { shape: [a], channelsLast: false };
  if (shape.length === 3) return { shape: [1, a, b], channelsLast: false };
  const channelsLast = (layout ?? imageLayout([a, b, c], name)) === 'NHWC';
  return { shape: channelsLast ? [c, a, b] : [a, b, c], channelsLast };
}
