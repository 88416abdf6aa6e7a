import type { AttributeProto, NodeProto, TensorProto } from 'onnx-buf';
import { makeNode, makeTensor } from '../../certification/classifier/graph/onnx.ts';
import type { AttributeValue } from '../../certification/classifier/graph/onnx.ts';
import { buildModel } from './build-model.ts';
import type { ModelOptions } from './build-model.ts';
import { random } from './random.ts';

/** Adds nodes and constants to a model, each node under the name of its output. */
export interface Layers {
  /** A node on tensors of the given names; returns its output's name. */
  readonly node: (
    opType: string,
    input: string[],
    attributes?: Record<string, AttributeValue>,
    output?: string,
  ) => string;
  /** Random numbers, normal enough, of mean `options.mean` and standard deviation about `options.scale` / 2. */
  readonly weights: (dims: number[], options?: { scale?: number; mean?: number }) => string;
  readonly constant: (dims: number[], data: Float32Array | Int32Array | BigInt64Array) => string;
  /** What makeNode can't make: attributes of graphs and texts. */
  readonly withAttributes: (output: string, attributes: AttributeProto[]) => void;
}

/**
 * A classifier of layers of one's choice on `input`, with a linear layer behind that makes `logits` of the mean over
 * the image.
 *
 * @param build adds the layers and returns the last one's output: [batch, `channels`, height, width]
 */
export function layersModel(
  options: ModelOptions & { shape?: [number, number, number]; channels: number; classes?: number; seed?: number },
  build: (layers: Layers, input: string) => string,
): Uint8Array {
  const { shape = [3, 8, 8], channels, classes = 10, seed = 1, ...rest } = options;
  const next = random(seed);
  const nodes: NodeProto[] = [];
  const initializers: TensorProto[] = [];
  const constant: Layers['constant'] = (dims, data) => {
    const name = `constant_${initializers.length}`;
    initializers.push(makeTensor(name, dims, data));
    return name;
  };
  const layers: Layers = {
    node: (opType, input, attributes = {}, output = `${opType}_${nodes.length}`) => {
      nodes.push(makeNode(opType, { input, output: [output] }, attributes));
      return output;
    },
    weights: (dims, { scale = 0.5, mean = 0 } = {}) => {
      const length = dims.reduce((product, size) => product * size, 1);
      const value = () => mean + scale * (next() + next() + next() - 1.5);
      return constant(dims, Float32Array.from({ length }, value));
    },
    constant,
    withAttributes: (output, attributes) => {
      nodes.find((node) => node.output.includes(output))?.attribute.push(...attributes);
    },
  };
  const last = build(layers, 'input');
  const mean = layers.node('GlobalAveragePool', [last]);
  const features = layers.node('Flatten', [mean], { axis: 1n });
  layers.node('Gemm', [features, layers.weights([channels, classes]), layers.weights([classes])], {}, 'logits');
  return buildModel({ ...rest, shape, classes, nodes, initializers });
}

/** A 3×3 convolution that keeps the size, without bias. */
export function convolution({ node, weights }: Layers, input: string, [to, from]: [number, number]): string {
  return node('Conv', [input, weights([to, from, 3, 3])], { kernel_shape: [3n, 3n], pads: [1n, 1n, 1n, 1n] });
}

/** A BatchNormalization with random parameters of so many channels. */
export function batchNorm({ node, weights }: Layers, input: string, channels: number, epsilon = 0.01): string {
  const [scale, shift, mean] = [{ mean: 1 }, {}, {}].map((options) => weights([channels], options));
  return node('BatchNormalization', [input, scale, shift, mean, weights([channels], { mean: 2 })], { epsilon });
}
