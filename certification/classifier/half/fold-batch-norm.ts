import type { GraphProto, NodeProto } from 'onnx-buf';
import { floatConstants } from './float-constants.ts';
import type { FloatConstant } from './float-constants.ts';
import { freshName } from '../graph/fresh-name.ts';
import { isStandard, namesRead, producers } from '../graph/graph.ts';
import { makeTensor } from '../graph/onnx.ts';
import { tensorNames } from '../graph/rename-tensors.ts';

/** ONNX's own, where the attribute is left out. */
const defaultEpsilon = 1e-5;

/** What a BatchNormalization does to each channel: `factor · x + term`. */
interface ChannelMap {
  readonly factor: Float64Array;
  readonly term: Float64Array;
}

/**
 * Folds each BatchNormalization into the Conv, ConvTranspose or Gemm before it, where only it reads what that makes and
 * both have constant parameters: `(W x + b − mean) / √(variance + ε) · scale + shift` is linear in x. New weights are
 * computed in double precision and rounded once to float32; constants that others read too stay as they are.
 *
 * One behind a MatMul stays: whether its channels are the columns depends on the number of axes, which the graph needn't say.
 * So does what lies in the graphs inside If, Loop and Scan.
 *
 * @returns how many were folded; `graph` then has that many nodes less.
 */
export function foldBatchNorm(graph: GraphProto): number {
  const constants = floatConstants(graph);
  const makers = producers(graph);
  const taken = tensorNames(graph);
  const reads = new Map<string, number>();
  for (const name of [...graph.node.flatMap(namesRead), ...graph.output.map((output) => output.name)]) {
    reads.set(name, (reads.get(name) ?? 0) + 1);
  }
  const folded = new Set<NodeProto>();
  for (const norm of graph.node) {
    if (!isStandard(norm, 'BatchNormalization')) continue;
    const read = norm.input[0] ?? '';
    const linear = makers.get(read);
    const map = channelMap(norm, constants);
    if (linear === undefined || map === undefined || reads.get(read) !== 1) continue;
    const { weights, bias } = foldedParameters(linear, { constants, map }) ?? {};
    if (weights === undefined || bias === undefined) continue;
    const output = norm.output[0] ?? '';
    const weightsName = freshName(taken, `${output}_weights`);
    const biasName = freshName(taken, `${output}_bias`);
    graph.initializer.push(
      makeTensor(weightsName, [...weights.dims], weights.values),
      makeTensor(biasName, [...bias.dims], bias.values),
    );
    // Another one behind it is folded into these.
    constants.set(weightsName, weights).set(biasName, bias);
    linear.input = [linear.input[0] ?? '', weightsName, biasName];
    linear.output = [output];
    makers.set(output, linear);
    folded.add(norm);
  }
  graph.node = graph.node.filter((node) => !folded.has(node));
  return folded.size;
}

function channelMap(norm: NodeProto, constants: ReadonlyMap<string, FloatConstant>): ChannelMap | undefined {
  const [scale, shift, mean, variance] = norm.input.slice(1).map((name) => constants.get(name)?.values);
  if (scale === undefined || shift === undefined || mean === undefined || variance === undefined) return undefined;
  // The running statistics as further outputs are for training.
  if (norm.output.slice(1).some((name) => name !== '')) return undefined;
  const epsilon = norm.attribute.find(({ name }) => name === 'epsilon')?.f ?? Math.fround(defaultEpsilon);
  const factor = Float64Array.from(scale, (value, k) => value / Math.sqrt(variance[k] + epsilon));
  return { factor, term: Float64Array.from(shift, (value, k) => value - mean[k] * factor[k]) };
}

function foldedParameters(
  linear: NodeProto,
  { constants, map }: { constants: ReadonlyMap<string, FloatConstant>; map: ChannelMap },
): { weights: FloatConstant; bias: FloatConstant } | undefined {
  const weights = constants.get(linear.input[1] ?? '');
  const biasName = linear.input[2] ?? '';
  const bias = biasName === '' ? undefined : constants.get(biasName);
  if (weights === undefined) return undefined;
  const output = outputChannels(linear, weights);
  const { factor, term } = map;
  const channels = factor.length;
  if (output?.channels !== channels || (biasName !== '' && bias === undefined)) return undefined;
  // Of a Gemm it may be one number for all, a row, or a column of one for each example of a batch.
  const biasSize = bias?.values.length ?? 0;
  if (bias !== undefined && biasSize !== 1 && (biasSize !== channels || bias.dims.at(-1) !== channels))
    return undefined;
  const biasOf = (k: number) => (bias === undefined ? 0 : bias.values[biasSize === 1 ? 0 : k]);
  return {
    weights: {
      dims: weights.dims,
      values: weights.values.map((value, at) => value * factor[output.of(at)]),
    },
    bias: { dims: [channels], values: Float32Array.from(factor, (value, k) => biasOf(k) * value + term[k]) },
  };
}

/** How many output channels a node has, and which a weight belongs to, by its place; undefined where it isn't a plain linear map. */
function outputChannels(
  linear: NodeProto,
  { dims }: FloatConstant,
): { channels: number; of: (at: number) => number } | undefined {
  const integer = (name: string, otherwise: number) =>
    Number(linear.attribute.find((attribute) => attribute.name === name)?.i ?? otherwise);
  const [first = 0, second = 0, ...rest] = dims;
  const places = rest.reduce((product, size) => product * size, 1);
  if (isStandard(linear, 'Conv')) return { channels: first, of: (at) => Math.floor(at / (second * places)) };
  if (isStandard(linear, 'ConvTranspose')) {
    // [input channels, output channels of one group, …]: each group of inputs has its own outputs.
    const groups = integer('group', 1);
    const ofGroup = (at: number) => Math.floor(Math.floor(at / (second * places)) / (first / groups));
    return { channels: groups * second, of: (at) => ofGroup(at) * second + (Math.floor(at / places) % second) };
  }
  if (isStandard(linear, 'Gemm')) {
    if (linear.attribute.some(({ name, f }) => (name === 'alpha' || name === 'beta') && f !== 1)) return undefined;
    return integer('transB', 0) === 1
      ? { channels: first, of: (at) => Math.floor(at / second) }
      : { channels: second, of: (at) => at % second };
  }
  return undefined;
}
