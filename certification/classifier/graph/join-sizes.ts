import { PerimeterError } from '../../perimeter-error.ts';
import { nameSizes, sizeNames } from './name-sizes.ts';
import { namesApart } from './names-apart.ts';
import type { Dimension } from './onnx.ts';
import { printed } from './read-model.ts';
import type { ReadModel } from './read-model.ts';

/** A model, and what messages call its file. */
type Named = ReadModel & { name: string };

/**
 * Makes the sizes that two graphs state fit where the first one's output is the second one's input: a free size takes
 * the other's fixed one, the batch axis is one, and no name stands for two sizes.
 *
 * @param first changed; its `input` and `output` are as it was read
 * @param second changed; a classifier, of which no axis of the input but the batch is free
 * @param prefix what the name of a size of the second begins with where the first has it for another size
 * @returns the shape of the first one's input now
 * @throws PerimeterError `InvalidModel`, one sentence, where they don't fit
 */
export function joinSizes(first: Named, second: Named, prefix: string): Dimension[] {
  const batch = commonBatch(first, second);
  const fixed = fixedSizes(first, second, batch);
  nameSizes(first.graph, fixed);
  const [free] = second.input.dims;
  const ownBatch = typeof free === 'string' && free !== '?' ? free : undefined;
  const itsBatch = batch ?? [first.output.dims[0], first.input.dims[0]].find((size) => size !== '?');
  const names = sizeNames(second.graph);
  const sizes = new Map<string, Dimension>(namesApart(names, sizeNames(first.graph), prefix));
  if (ownBatch !== undefined && itsBatch !== undefined) sizes.set(ownBatch, itsBatch);
  nameSizes(second.graph, sizes);

  const declared = first.graph.input.find(({ name }) => name === first.input.name)?.type?.value;
  const batchAxis = declared?.case === 'tensorType' ? declared.value.shape?.dim[0] : undefined;
  // Where it has no name either.
  if (batch !== undefined && batchAxis !== undefined) batchAxis.value = { case: 'dimValue', value: BigInt(batch) };
  return first.input.dims.map((size, axis) =>
    typeof size === 'number' ? size : axis === 0 ? (batch ?? size) : (fixed.get(size) ?? size),
  );
}

function commonBatch(first: Named, second: Named): number | undefined {
  const ours = [first.input.dims[0], first.output.dims[0]].find((size) => typeof size === 'number');
  const [theirs] = second.input.dims;
  if (typeof theirs !== 'number') return ours;
  if (ours === undefined || ours === theirs) return theirs;
  throw new PerimeterError(
    'InvalidModel',
    `${first.name} was exported for a batch of ${ours} and ${second.name} for one of ${theirs}: export either again with a free batch axis.`,
  );
}

/** What the free sizes of the first are, of those that the seam settles. */
function fixedSizes(first: Named, second: Named, batch: number | undefined): Map<string, number> {
  const given = first.output.dims;
  const taken = second.input.dims;
  const misfit = new PerimeterError(
    'InvalidModel',
    `${first.name} gives ${printed(given)} in output '${first.output.name}', but ${second.name} takes ${printed(taken)} in input '${second.input.name}': ${advice(given, taken)}.`,
  );
  if (given.length !== taken.length) throw misfit;
  const sizes = new Map<string, number>();
  const settle = (size: Dimension, wanted: Dimension): void => {
    if (typeof wanted === 'string' || size === '?') return;
    const known = typeof size === 'number' ? size : (sizes.get(size) ?? wanted);
    if (known !== wanted) throw misfit;
    if (typeof size === 'string') sizes.set(size, wanted);
  };
  given.forEach((size, axis) => {
    if (axis > 0) settle(size, taken[axis]);
  });
  if (batch !== undefined) {
    for (const [size] of [first.input.dims, given]) settle(size, batch);
  }
  return sizes;
}

function advice(given: Dimension[], taken: Dimension[]): string {
  const [, ...ours] = given;
  const [, ...theirs] = taken;
  const channelsLast = ([channels, ...places]: Dimension[]): string => printed([...places, channels]);
  const turned = channelsLast(ours) === printed(theirs) || channelsLast(theirs) === printed(ours);
  return turned && printed(ours) !== printed(theirs)
    ? 'one has the channels first and the other last; export either again with a Transpose'
    : 'expected the same shape';
}
