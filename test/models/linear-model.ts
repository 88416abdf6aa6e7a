import { makeNode, makeTensor } from '../../certification/classifier/graph/onnx.ts';
import { buildModel } from './build-model.ts';
import type { ModelOptions } from './build-model.ts';

/**
 * `logits = W x + b` on the flattened example.
 *
 * @param options.shape one example: [C, H, W] or [d]
 * @param options.weights one row a class, of as many values as the example has
 * @param options.bias one value a class
 */
export function linearModel(
  options: ModelOptions & { shape: number[]; weights: ArrayLike<number>[]; bias: number[] },
): Uint8Array {
  const { shape, weights, bias, ...rest } = options;
  const size = shape.reduce((product, length) => product * length, 1);
  const matrix = new Float32Array(weights.length * size);
  weights.forEach((row, index) => {
    matrix.set(row, index * size);
  });
  return buildModel({
    ...rest,
    shape,
    classes: weights.length,
    initializers: [
      makeTensor('weights', [weights.length, size], matrix),
      makeTensor('bias', [bias.length], Float32Array.from(bias)),
    ],
    nodes: [
      makeNode('Flatten', { input: ['input'], output: ['features'] }, { axis: 1n }),
      makeNode('Gemm', { input: ['features', 'weights', 'bias'], output: ['logits'] }, { transB: 1n }),
    ],
  });
}
