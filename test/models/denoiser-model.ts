import { TensorProto_DataType } from 'onnx-buf';
import { makeNode, makeTensor, makeValueInfo } from '../../certification/classifier/graph/onnx.ts';
import type { Dimension } from '../../certification/classifier/graph/onnx.ts';
import { buildModel } from './build-model.ts';
import type { ModelOptions } from './build-model.ts';
import { random } from './random.ts';

/**
 * The image less what two seeded 3×3 convolutions find in it, as DnCNN does (Zhang et al. 2017, arXiv 1608.03981).
 * Nearly all of its tensors and nodes are called like some of `cnnModel`.
 *
 * @param options.shape one example, channels first; [3, 8, 12] unless told
 * @param options.dims in place of the declared shape, of input and output
 */
export function denoiserModel(
  options: ModelOptions & {
    shape?: [number, number, number];
    dims?: { input: Dimension[]; output: Dimension[] };
    output?: string;
  } = {},
): Uint8Array {
  const { shape = [3, 8, 12], batch = 'N', output = 'denoised', ...rest } = options;
  const { dims = { input: [batch, ...shape], output: [batch, ...shape] } } = options;
  const [channels] = shape;
  const uniform = random(7);
  const weights = (name: string, size: number[]) =>
    makeTensor(
      name,
      size,
      Float32Array.from({ length: size.reduce((a, b) => a * b) }, () => 0.4 * (uniform() - 0.5)),
    );
  const convolution = (name: string, input: string) =>
    makeNode(
      'Conv',
      { input: [input, `${name}.weight`, `${name}.bias`], output: [name] },
      { kernel_shape: [3n, 3n], pads: [1n, 1n, 1n, 1n] },
    );
  return buildModel({
    ...rest,
    shape,
    classes: 0,
    inputs: [makeValueInfo('input', TensorProto_DataType.FLOAT, dims.input)],
    outputs: [makeValueInfo(output, TensorProto_DataType.FLOAT, dims.output)],
    initializers: [
      weights('conv0.weight', [6, channels, 3, 3]),
      weights('conv0.bias', [6]),
      weights('conv1.weight', [channels, 6, 3, 3]),
      weights('conv1.bias', [channels]),
    ],
    nodes: [
      convolution('conv0', 'input'),
      makeNode('Relu', { input: ['conv0'], output: ['conv0.relu'] }),
      convolution('conv1', 'conv0.relu'),
      makeNode('Sub', { input: ['input', 'conv1'], output: [output] }),
    ],
  });
}
