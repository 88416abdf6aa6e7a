import { TensorProto_DataType } from 'onnx-buf';
import type { NodeProto } from 'onnx-buf';
import { PerimeterError } from '../../perimeter-error.ts';
import { freshName } from '../graph/fresh-name.ts';
import { allNodes, standardDomain } from '../graph/graph.ts';
import { typelessOperators } from './half-operators.ts';
import { decodeModel, encodeModel, makeNode } from '../graph/onnx.ts';
import { tensorNames } from '../graph/rename-tensors.ts';
import { tensorTypes } from '../graph/tensor-types.ts';

const { FLOAT, FLOAT16 } = TensorProto_DataType;
const float16: number = FLOAT16;

/**
 * A half-precision model as a GPU computes it, for the CPU: each node that works on halves computes in float32, and
 * what it makes is rounded to halves, by Casts of its own around it.
 *
 * ONNX Runtime has next to no half-precision kernels for CPUs. It puts such Casts around nodes too, but takes out those
 * between two nodes, so that what overflows or loses digits there goes unseen.
 *
 * @param bytes a model made by `convertToHalf`
 * @param name what messages call the file
 */
export function roundHalves(bytes: Uint8Array, name: string): Uint8Array {
  const model = decodeModel(bytes);
  const { graph } = model;
  if (graph === undefined) throw new PerimeterError('InvalidModel', `${name} is not an ONNX model: it holds no graph.`);
  const types = tensorTypes(graph, name);
  const isHalf = (tensor: string) => types.get(tensor) === float16;
  const taken = tensorNames(graph);
  const nodeNames = new Set(allNodes(graph).map((node) => node.name));
  const widened = new Map<string, string>();
  const nodes: NodeProto[] = [];
  const appendCast = (from: string, to: string, type: TensorProto_DataType) => {
    const node = makeNode('Cast', { input: [from], output: [to] }, { to: BigInt(type) });
    node.name = freshName(nodeNames, `${to}_cast`);
    nodes.push(node);
  };
  const widen = (half: string): string => {
    const known = widened.get(half);
    if (known !== undefined) return known;
    const wide = freshName(taken, `${half}_wide`);
    widened.set(half, wide);
    appendCast(half, wide, FLOAT);
    return wide;
  };
  for (const node of graph.node) {
    if (standardDomain(node.domain) === '' && typelessOperators.has(node.opType)) {
      nodes.push(node);
      continue;
    }
    node.input = node.input.map((tensor) => (isHalf(tensor) ? widen(tensor) : tensor));
    const rounded = node.output.filter(isHalf);
    const exact = new Map(rounded.map((tensor) => [tensor, freshName(taken, `${tensor}_exact`)]));
    node.output = node.output.map((tensor) => exact.get(tensor) ?? tensor);
    nodes.push(node);
    for (const [tensor, wide] of exact) appendCast(wide, tensor, FLOAT16);
  }
  graph.node = nodes;
  return encodeModel(model);
}
