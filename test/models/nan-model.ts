import { makeNode, makeTensor } from '../../certification/classifier/graph/onnx.ts';
import { buildModel } from './build-model.ts';
import type { ModelOptions } from './build-model.ts';

/** Answers `winner`, but NaN in all classes where the example's mean is above `level`. */
export function nanModel(
  options: ModelOptions & { shape: number[]; classes: number; winner: number; level: number },
): Uint8Array {
  const { classes, winner, level, ...rest } = options;
  const size = rest.shape.reduce((product, length) => product * length, 1);
  const oneHot = Float32Array.from({ length: classes }, (_, index) => (index === winner ? 1 : 0));
  return buildModel({
    ...rest,
    classes,
    initializers: [
      makeTensor('minus_mean', [size, 1], new Float32Array(size).fill(-1 / size)),
      makeTensor('level', [1], Float32Array.of(level)),
      makeTensor('zeros', [1, classes], new Float32Array(classes)),
      makeTensor('one_hot', [classes], oneHot),
    ],
    nodes: [
      makeNode('Flatten', { input: ['input'], output: ['features'] }, { axis: 1n }),
      makeNode('Gemm', { input: ['features', 'minus_mean', 'level'], output: ['below'] }),
      makeNode('Sqrt', { input: ['below'], output: ['root'] }),
      makeNode('Mul', { input: ['root', 'zeros'], output: ['zero_or_nan'] }),
      makeNode('Add', { input: ['zero_or_nan', 'one_hot'], output: ['logits'] }),
    ],
  });
}
