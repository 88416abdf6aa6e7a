import type { TensorProto } from 'onnx-buf';
import { makeTensor } from '../../certification/classifier/graph/onnx.ts';

/**
 * Random weights that keep the variance through a layer with ReLU (He et al. 2015): uniform on ±√(6 / fan-in), which has
 * He's variance, 2 / fan-in.
 *
 * @param uniform numbers in [0, 1), as `random` gives them
 */
export function heWeights(name: string, dims: number[], fanIn: number, uniform: () => number): TensorProto {
  const bound = Math.sqrt(6 / fanIn);
  const size = dims.reduce((product, length) => product * length, 1);
  const values = new Float32Array(size);
  for (let at = 0; at < size; at++) values[at] = bound * (2 * uniform() - 1);
  return makeTensor(name, dims, values);
}
