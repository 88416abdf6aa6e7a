import type { GraphProto } from 'onnx-buf';
import { PerimeterError } from '../../perimeter-error.ts';
import { constantIntegers, isStandard, namesRead, subgraphs } from './graph.ts';

/** Where an operator takes the shape of its result: the index of that input. */
const shapeInputs: readonly { opType: string; index: number }[] = [
  { opType: 'Reshape', index: 1 },
  { opType: 'Resize', index: 3 },
];

/**
 * Makes a graph ready for a batch of another size: drops the shapes it states for its inner tensors, which ONNX Runtime
 * infers again, and refuses one that was exported for a fixed batch and has that size written into its nodes.
 *
 * @throws PerimeterError `InvalidModel`
 */
export function fixBatch(
  graph: GraphProto,
  options: { inputName: string; batch: number | null; batchSize: number; name: string },
): void {
  const { inputName, batch, batchSize, name } = options;
  if (batch !== null && batch !== batchSize) {
    const baked = bakedBatch(graph, inputName, batch);
    if (baked !== undefined) {
      throw new PerimeterError(
        'InvalidModel',
        `${name} was exported for a batch of ${batch} and has that size fixed inside (${baked}), so it can't run batches of ${batchSize}: export it with a free batch axis, or ask for a batch size of ${batch}.`,
      );
    }
    forgetShapes(graph);
  }
  graph.valueInfo = [];
}

/** The first node on the way from the input that gives its result the batch size as a constant. */
function bakedBatch(graph: GraphProto, input: string, batch: number): string | undefined {
  const dependent = new Set([input]);
  for (const node of graph.node) {
    // What is computed from a tensor's shape is not data of the batch.
    if (isStandard(node, 'Shape') || isStandard(node, 'Size')) continue;
    if (!namesRead(node).some((read) => dependent.has(read))) continue;
    for (const output of node.output) dependent.add(output);
    const shape = shapeInputs.find(({ opType }) => isStandard(node, opType));
    const target = shape === undefined ? undefined : constantIntegers(graph, node.input[shape.index] ?? '');
    if (target?.[0] === batch && dependent.has(node.input[0] ?? '')) {
      return `${node.opType} '${node.name}' to [${target.join(', ')}]`;
    }
  }
  return undefined;
}

/** Drops the shapes stated inside the bodies of If, Loop and Scan: they hold the old batch size. */
function forgetShapes(graph: GraphProto): void {
  for (const body of graph.node.flatMap(subgraphs)) {
    body.valueInfo = [];
    for (const { type } of body.output) {
      if (type?.value.case === 'tensorType') delete type.value.value.shape;
    }
    forgetShapes(body);
  }
}
