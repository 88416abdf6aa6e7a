import { TensorProto_DataType } from 'onnx-buf';
import type { GraphProto, NodeProto } from 'onnx-buf';
import type { FloatConstant } from './float-constants.ts';
import { isStandard, namesRead, producers, standardDomain, subgraphs } from '../graph/graph.ts';
import { largestHalf } from './half.ts';
import { followingOperators, matrixOperators, reasons, typelessOperators, whyNotHalf } from './half-operators.ts';

/** In which precision a node computes. */
export type NodePlan =
  | { precision: 'half' }
  /** `why` is there where the node works on the model's input; what only makes constants needs no reason. */
  | { precision: 'single'; why?: string }
  /** A Cast to float from another type, which may make either. */
  | { precision: 'either' }
  /** It touches no float, or reads whatever there is. */
  | { precision: 'any' };

const float: number = TensorProto_DataType.FLOAT;

/** The inputs that a half-precision node reads as halves. */
export function halfInputs(node: NodeProto, types: ReadonlyMap<string, number>): string[] {
  // A Dropout's ratio may be of any type.
  const read = isStandard(node, 'Dropout') ? node.input.slice(0, 1) : node.input;
  return read.filter((name) => types.get(name) === float);
}

/**
 * Decides for each node of a graph in which precision it computes. Matrix products and convolutions do in half; what
 * follows them does so where it can; all else stays in float32, and so does
 *
 * - what makes the class scores: halves have 11 bits, so close scores would tie, and it is the least of the work;
 * - a node with a constant that no half holds;
 * - what doesn't depend on the model's input: the runtime computes it once, and it is rounded then.
 *
 * @param options.scores the tensor with a value a class, before a Softmax
 */
export function planHalf(
  graph: GraphProto,
  options: {
    types: ReadonlyMap<string, number>;
    constants: ReadonlyMap<string, FloatConstant>;
    input: string;
    scores: string;
  },
): Map<NodeProto, NodePlan> {
  const { types, constants, input, scores } = options;
  const lastLayer = makerOfScores(graph, scores, constants);
  const dependent = new Set([input]);
  const isHalf = new Set<string>();
  const isFloat = (name: string) => types.get(name) === float;

  const planOf = (node: NodeProto): NodePlan => {
    const floats = [...node.input, ...node.output].filter(isFloat);
    const depends = namesRead(node).some((name) => dependent.has(name));
    if (!depends) return floats.length > 0 ? { precision: 'single' } : { precision: 'any' };
    if (!isStandard(node, 'Shape') && !isStandard(node, 'Size')) for (const name of node.output) dependent.add(name);
    if (subgraphs(node).length > 0) return { precision: 'single', why: reasons.inner };
    if (floats.length === 0) return { precision: 'any' };
    if (standardDomain(node.domain) !== '') return { precision: 'single', why: reasons.unknown };
    const { opType } = node;
    const makesFloat = node.output.some(isFloat);
    if (typelessOperators.has(opType) && !makesFloat) return { precision: 'any' };
    if (opType === 'Cast' && !isFloat(node.input[0] ?? '')) return { precision: 'either' };
    const follows = followingOperators.has(opType) || opType === 'Cast';
    if (!follows && !matrixOperators.has(opType)) return { precision: 'single', why: whyNotHalf(opType) };
    if (node === lastLayer) return { precision: 'single', why: reasons.scores };
    const read = halfInputs(node, types);
    if (follows && !read.some((name) => isHalf.has(name))) return { precision: 'single', why: reasons.float32 };
    if (read.some((name) => isTooLarge(constants.get(name)))) return { precision: 'single', why: reasons.weights };
    return { precision: 'half' };
  };

  const plans = new Map<NodeProto, NodePlan>();
  for (const node of graph.node) {
    const plan = planOf(node);
    plans.set(node, plan);
    if (plan.precision === 'half') for (const name of node.output.filter(isFloat)) isHalf.add(name);
  }
  return plans;
}

/** An infinity is a half too. */
function isTooLarge(constant: FloatConstant | undefined): boolean {
  return constant?.values.some((value) => Math.abs(value) > largestHalf && Math.abs(value) < Infinity) ?? false;
}

/** What only moves values about between the last layer and the scores. */
const moves = ['Cast', 'Flatten', 'Identity', 'Reshape', 'Squeeze', 'Unsqueeze'];

/** The product or convolution that the scores come out of, where at most a constant is added to it. */
function makerOfScores(
  graph: GraphProto,
  scores: string,
  constants: ReadonlyMap<string, FloatConstant>,
): NodeProto | undefined {
  const makers = producers(graph);
  let node = makers.get(scores);
  while (node !== undefined && standardDomain(node.domain) === '') {
    const { opType } = node;
    if (matrixOperators.has(opType)) return node;
    const read: string[] = node.input.filter((name) => !constants.has(name));
    const isBias = opType === 'Add' && read.length === 1;
    if (!isBias && !moves.includes(opType)) return undefined;
    node = makers.get(read[0] ?? '');
  }
  return undefined;
}
