import type { NodeProto, TensorProto } from 'onnx-buf';
import { makeNode, makeTensor } from '../../certification/classifier/graph/onnx.ts';
import { buildModel } from '../../test/models/build-model.ts';
import { heWeights } from '../../test/models/he-weights.ts';
import { random } from '../../test/models/random.ts';

/** Lays the layers of a network one on another; each method returns the name of the tensor that it makes. */
export interface NetworkBuilder {
  /** (x − mean) / deviation of each channel: the first layer, as the noise is added before it (Cohen et al. 2019). */
  normalise(input: string, means: readonly number[], deviations: readonly number[]): string;
  /** Without a bias, padded so that a stride of 1 keeps the size. */
  convolve(input: string, name: string, layer: Convolution): string;
  /** With the parameters of a trained layer in kind, its output scaled by about `scale`. */
  batchNorm(input: string, name: string, channels: number, scale?: number): string;
  relu(input: string): string;
  add(a: string, b: string): string;
  /** 3×3, stride 2. */
  maxPool(input: string): string;
  /** The mean over the image, and a linear layer: `logits`. */
  classify(input: string, name: string, features: number, classes: number): void;
  /** The model of all that was laid, from `input` to `logits`, its batch size free. */
  model(options: { shape: [number, number, number]; classes: number }): Uint8Array;
}

interface Convolution {
  readonly from: number;
  readonly to: number;
  readonly kernel: number;
  readonly stride: number;
}

/** Weights are random: speed doesn't depend on them, as long as activations stay of the size that trained ones have. */
export function networkBuilder(seed: number): NetworkBuilder {
  const uniform = random(seed);
  const between = (low: number, high: number) => low + (high - low) * uniform();
  const nodes: NodeProto[] = [];
  const initializers: TensorProto[] = [];
  const lay = (opType: string, inputs: string[], output: string, attributes?: Parameters<typeof makeNode>[2]) => {
    nodes.push(makeNode(opType, { input: inputs, output: [output] }, attributes));
    return output;
  };
  const constant = (name: string, dims: number[], values: readonly number[]) => {
    initializers.push(makeTensor(name, dims, Float32Array.from(values)));
    return name;
  };
  const square = (side: number) => [BigInt(side), BigInt(side)];
  const onAllSides = (padding: number) => Array<bigint>(4).fill(BigInt(padding));

  return {
    normalise(input, means, deviations) {
      const dims = [1, means.length, 1, 1];
      const centred = lay('Sub', [input, constant('normalise.means', dims, means)], 'normalise.centred');
      return lay('Div', [centred, constant('normalise.deviations', dims, deviations)], 'normalise.out');
    },
    convolve(input, name, { from, to, kernel, stride }) {
      const weight = `${name}.weight`;
      initializers.push(heWeights(weight, [to, from, kernel, kernel], from * kernel * kernel, uniform));
      return lay('Conv', [input, weight], `${name}.out`, {
        kernel_shape: square(kernel),
        strides: square(stride),
        pads: onAllSides(kernel >> 1),
      });
    },
    batchNorm(input, name, channels, scale = 1) {
      const parameter = (kind: string, low: number, high: number) =>
        constant(
          `${name}.${kind}`,
          [channels],
          Array.from({ length: channels }, () => between(low, high)),
        );
      const parameters = [
        parameter('weight', 0.8 * scale, 1.2 * scale),
        parameter('bias', -0.1, 0.1),
        parameter('running_mean', -0.1, 0.1),
        parameter('running_var', 0.8, 1.2),
      ];
      return lay('BatchNormalization', [input, ...parameters], `${name}.out`, { epsilon: 1e-5 });
    },
    relu: (input) => lay('Relu', [input], `${input}.relu`),
    add: (a, b) => lay('Add', [a, b], `${a}.sum`),
    maxPool: (input) =>
      lay('MaxPool', [input], `${input}.pool`, {
        kernel_shape: square(3),
        strides: square(2),
        pads: onAllSides(1),
      }),
    classify(input, name, features, classes) {
      const weight = heWeights(`${name}.weight`, [classes, features], features, uniform);
      const bias = heWeights(`${name}.bias`, [classes], 100, uniform);
      initializers.push(weight, bias);
      const mean = lay('GlobalAveragePool', [input], `${name}.mean`);
      const flat = lay('Flatten', [mean], `${name}.flat`, { axis: 1n });
      lay('Gemm', [flat, weight.name, bias.name], 'logits', { transB: 1n });
    },
    model: ({ shape, classes }) => buildModel({ shape, classes, nodes, initializers }),
  };
}
