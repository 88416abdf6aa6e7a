import type { GraphProto, NodeProto } from 'onnx-buf';
import { isStandard, producers } from './graph.ts';

/** From this opset on Softmax runs along its axis, −1 unless told; before, over all axes from 1 on. */
const softmaxAlongAxisOpset = 13;

/**
 * The tensor whose largest element is the model's answer. Where the output comes out of a Softmax (or LogSoftmax)
 * over the classes, that is the Softmax's input: over the reals both have the same top class, but in floating point
 * Softmax rounds different logits to the same probability, in half precision often: a tie that isn't in the model.
 *
 * @param graph the model's graph
 * @param output the name of the output with one value a class, of shape [B, C] or [B, C, 1, …]
 * @param options.rank that output's number of axes
 * @param options.opset the model's standard operator set
 */
export function findLogits(
  graph: GraphProto,
  output: string,
  options: { rank: number; opset: number },
): { name: string; endsWithSoftmax: boolean } {
  const makers = producers(graph);
  let name = output;
  let node = makers.get(name);
  // Half-precision exporters put a Cast behind the Softmax, others an Identity; neither changes the order.
  while (node !== undefined && (isStandard(node, 'Identity') || isStandard(node, 'Cast'))) {
    name = node.input[0] ?? '';
    node = makers.get(name);
  }
  if (node !== undefined && (isStandard(node, 'Softmax') || isStandard(node, 'LogSoftmax'))) {
    const logits = node.input.at(0);
    if (logits !== undefined && softmaxAxis(node, options) === 1) return { name: logits, endsWithSoftmax: true };
  }
  return { name: output, endsWithSoftmax: false };
}

function softmaxAxis(node: NodeProto, { rank, opset }: { rank: number; opset: number }): number {
  const stated = node.attribute.find((attribute) => attribute.name === 'axis')?.i;
  const axis = stated === undefined ? (opset < softmaxAlongAxisOpset ? 1 : -1) : Number(stated);
  return axis < 0 ? axis + rank : axis;
}
