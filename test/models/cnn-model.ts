import type { NodeProto, TensorProto } from 'onnx-buf';
import { makeNode } from '../../certification/classifier/graph/onnx.ts';
import { buildModel } from './build-model.ts';
import type { ModelOptions } from './build-model.ts';
import { heWeights } from './he-weights.ts';
import { random } from './random.ts';

interface Convolution {
  channels: number;
  stride: 1 | 2;
}

/** At 3×32×32 and 10 classes: 38.6 million multiply-adds an example, 77 MFLOP at two operations each. */
const mediumCnn: readonly Convolution[] = [
  { channels: 32, stride: 1 },
  { channels: 32, stride: 1 },
  { channels: 64, stride: 2 },
  { channels: 64, stride: 1 },
  { channels: 128, stride: 2 },
  { channels: 128, stride: 1 },
];

/** A few thousand multiply-adds, for tests of anything but speed. */
export const tinyCnn: readonly Convolution[] = [
  { channels: 4, stride: 2 },
  { channels: 8, stride: 2 },
];

/**
 * 3×3 convolutions with ReLU, the mean over the image, and a linear layer, with seeded random weights scaled to keep
 * the variance (He et al. 2015).
 *
 * @param options.shape one example, channels first; [3, 32, 32] unless told
 * @param options.layout NHWC models transpose their input first, as exporters from TensorFlow do
 * @param options.convolutions those of the 77-MFLOP network unless told
 */
export function cnnModel(
  options: ModelOptions & {
    shape?: [number, number, number];
    classes?: number;
    seed?: number;
    layout?: 'NCHW' | 'NHWC';
    convolutions?: readonly Convolution[];
    endsWithSoftmax?: boolean;
  } = {},
): Uint8Array {
  const { shape = [3, 32, 32], classes = 10, seed = 1, layout = 'NCHW', convolutions = mediumCnn, ...rest } = options;
  const uniform = random(seed);
  const weights = (name: string, dims: number[], fanIn: number) => heWeights(name, dims, fanIn, uniform);

  const initializers: TensorProto[] = [];
  const nodes: NodeProto[] = [];
  let [channels] = shape;
  let last = 'input';
  if (layout === 'NHWC') {
    nodes.push(makeNode('Transpose', { input: [last], output: ['channels_first'] }, { perm: [0n, 3n, 1n, 2n] }));
    last = 'channels_first';
  }
  convolutions.forEach((convolution, index) => {
    const name = `conv${index}`;
    initializers.push(weights(`${name}.weight`, [convolution.channels, channels, 3, 3], 9 * channels));
    initializers.push(weights(`${name}.bias`, [convolution.channels], 100));
    nodes.push(
      makeNode(
        'Conv',
        { input: [last, `${name}.weight`, `${name}.bias`], output: [name] },
        {
          kernel_shape: [3n, 3n],
          pads: [1n, 1n, 1n, 1n],
          strides: [BigInt(convolution.stride), BigInt(convolution.stride)],
        },
      ),
      makeNode('Relu', { input: [name], output: [`${name}.relu`] }),
    );
    last = `${name}.relu`;
    channels = convolution.channels;
  });
  initializers.push(weights('linear.weight', [classes, channels], channels), weights('linear.bias', [classes], 100));
  const scores = rest.endsWithSoftmax ? 'scores' : 'logits';
  nodes.push(
    makeNode('GlobalAveragePool', { input: [last], output: ['mean'] }),
    makeNode('Flatten', { input: ['mean'], output: ['features'] }, { axis: 1n }),
    makeNode('Gemm', { input: ['features', 'linear.weight', 'linear.bias'], output: [scores] }, { transB: 1n }),
    ...(rest.endsWithSoftmax ? [makeNode('Softmax', { input: [scores], output: ['logits'] }, { axis: 1n })] : []),
  );
  const [, height, width] = shape;
  return buildModel({
    ...rest,
    shape: layout === 'NHWC' ? [height, width, shape[0]] : shape,
    classes,
    initializers,
    nodes,
  });
}
