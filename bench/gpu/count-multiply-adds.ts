import type { GraphProto, NodeProto } from 'onnx-buf';
import { decodeModel } from '../../certification/classifier/graph/onnx.ts';

const sameShape = new Set(['Relu', 'BatchNormalization']);
const broadcast = new Set(['Add', 'Sub', 'Mul', 'Div']);

/**
 * Counts the multiply-adds that one example costs in a network's convolutions and linear layers, as papers count them: each
 * is two floating-point operations, and what else there is counts for nothing.
 *
 * @throws RangeError for an operator whose output's shape this doesn't know
 */
export function countMultiplyAdds(bytes: Uint8Array): number {
  const { graph } = decodeModel(bytes);
  if (graph === undefined) throw new RangeError('The model holds no graph.');
  const shapes = knownShapes(graph);
  const shapeOf = (name: string): readonly number[] => {
    const shape = shapes.get(name);
    if (shape === undefined) throw new RangeError(`The shape of ${name} isn't known.`);
    return shape;
  };
  let total = 0;
  for (const node of graph.node) {
    const output = outputShape(node, node.input.map(shapeOf));
    shapes.set(node.output[0], output);
    if (node.opType === 'Conv') total += size(output) * size(shapeOf(node.input[1]).slice(1));
    if (node.opType === 'Gemm') total += size(shapeOf(node.input[1]));
  }
  return total;
}

/** Of the graph's inputs, with a batch of one, and of its constants. */
function knownShapes(graph: GraphProto): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  for (const { name, dims } of graph.initializer) shapes.set(name, dims.map(Number));
  for (const { name, type } of graph.input) {
    const dims = type?.value.case === 'tensorType' ? (type.value.value.shape?.dim ?? []) : [];
    const sizes = dims.map(({ value }) => (value.case === 'dimValue' ? Number(value.value) : 1));
    shapes.set(name, [1, ...sizes.slice(1)]);
  }
  return shapes;
}

function outputShape(node: NodeProto, [input, second]: readonly (readonly number[])[]): readonly number[] {
  const { opType } = node;
  if (sameShape.has(opType)) return input;
  if (broadcast.has(opType)) return size(input) >= size(second) ? input : second;
  if (opType === 'GlobalAveragePool') return [input[0], input[1], ...input.slice(2).map(() => 1)];
  if (opType === 'Flatten') return [input[0], size(input.slice(1))];
  if (opType === 'Gemm') return [input[0], integers(node, 'transB')[0] === 1 ? second[0] : second[1]];
  if (opType === 'Conv') return [input[0], second[0], ...slid(node, input)];
  if (opType === 'MaxPool') return [input[0], input[1], ...slid(node, input)];
  throw new RangeError(`The shape that ${opType} (${node.name}) gives isn't known here.`);
}

/** The sides of an image after a window was slid over it. */
function slid(node: NodeProto, [, , ...sides]: readonly number[]): number[] {
  const [kernel, strides, pads] = ['kernel_shape', 'strides', 'pads'].map((name) => integers(node, name));
  return sides.map((side, axis) => {
    const padded = side + pads[axis] + pads[axis + sides.length];
    return Math.floor((padded - kernel[axis]) / strides[axis]) + 1;
  });
}

function integers(node: NodeProto, name: string): number[] {
  const attribute = node.attribute.find((each) => each.name === name);
  if (attribute === undefined) return [];
  return attribute.ints.length > 0 ? attribute.ints.map(Number) : [Number(attribute.i)];
}

function size(dims: readonly number[]): number {
  return dims.reduce((product, side) => product * side, 1);
}
