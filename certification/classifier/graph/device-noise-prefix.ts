import { TensorProto_DataType } from 'onnx-buf';
import type { NodeProto } from 'onnx-buf';
import { makeNode, makeTensor } from './onnx.ts';

/** Names of what a model fused with device noise has besides: an input and an output. */
export const deviceNoiseNames = { scale: 'noise_scale', head: 'noise_head' } as const;

/** So many of a batch's normals are shown: two batches that agree in them are of the same noise. */
export const NOISE_HEAD = 16;

export const GENERATOR = 'RandomNormalLike';

/**
 * The nodes that add noise to a lattice in the graph itself: the input, of one example or of a whole batch, is widened to the batch
 * as int32, and `round(noise_scale · z)` is added, z standard normals from the device's own generator.
 *
 * The sum is one of integers, as with exact noise: the conversion to float that follows depends on the sum alone, and no bits
 * of the clean pixels leak past the rounding. Nothing is clipped to the support of the exact noise: the law goes on for ever, and
 * the generator ends at 6.8 standard deviations by itself, so that clipping would only be one more difference from the law.
 *
 * With a scale of 0 the model is the one without noise, so that one session in the device's memory serves for the noise and
 * for the probe batch, which must be the same in every process.
 *
 * `noise_head`, float32 [16] or fewer, shows the first normals of each batch. The generator's counter must move on from run to run, which
 * a recorded CUDA graph, say, would not let it do.
 *
 * All operators have CUDA kernels. The noise has the widened lattice's shape, which is fixed.
 */
export function deviceNoisePrefix(options: {
  batchSize: number;
  shape: readonly number[];
  names: { lattice: string; noisy: string; prefix: string };
}): NodeProto[] {
  const { batchSize, shape, names } = options;
  const name = (tensor: string): string => `${names.prefix}noise_${tensor}`;
  const size = batchSize * shape.reduce((product, side) => product * side, 1);
  const integers = (tensor: string, values: number[]): NodeProto => {
    const value = makeTensor(name(tensor), [values.length], BigInt64Array.from(values, BigInt));
    return makeNode('Constant', { input: [], output: [name(tensor)] }, { value });
  };
  const int32 = BigInt(TensorProto_DataType.INT32);
  return [
    integers('shape', [batchSize, ...shape]),
    integers('flat', [size]),
    integers('start', [0]),
    integers('end', [Math.min(size, NOISE_HEAD)]),
    makeNode('Cast', { input: [names.lattice], output: [name('lattice')] }, { to: int32 }),
    makeNode('Expand', { input: [name('lattice'), name('shape')], output: [name('wide')] }),
    makeNode(
      GENERATOR,
      { input: [name('wide')], output: [name('normal')] },
      { dtype: BigInt(TensorProto_DataType.FLOAT), mean: 0, scale: 1, seed: 0 },
    ),
    makeNode('Reshape', { input: [name('normal'), name('flat')], output: [name('row')] }),
    makeNode('Slice', {
      input: [name('row'), name('start'), name('end')],
      output: [deviceNoiseNames.head],
    }),
    makeNode('Mul', { input: [name('normal'), deviceNoiseNames.scale], output: [name('scaled')] }),
    makeNode('Round', { input: [name('scaled')], output: [name('rounded')] }),
    makeNode('Cast', { input: [name('rounded')], output: [name('steps')] }, { to: int32 }),
    makeNode('Add', { input: [name('wide'), name('steps')], output: [names.noisy] }),
  ];
}
