import type { GraphProto, TensorShapeProto, TypeProto } from 'onnx-buf';
import { subgraphs } from './graph.ts';
import type { Dimension } from './onnx.ts';

/**
 * Gives free sizes another name, or fixes them, wherever a graph or the graphs inside it state them. A name is one size
 * throughout a graph, and the runtime shares memory by it.
 */
export function nameSizes(graph: GraphProto, sizes: ReadonlyMap<string, Dimension>): void {
  for (const { dim } of shapes(graph)) {
    for (const size of dim) {
      const given = size.value.case === 'dimParam' ? sizes.get(size.value.value) : undefined;
      if (given === undefined) continue;
      size.value =
        typeof given === 'number' ? { case: 'dimValue', value: BigInt(given) } : { case: 'dimParam', value: given };
    }
  }
}

/** The names of the free sizes in a graph and in the graphs inside it. */
export function sizeNames(graph: GraphProto): Set<string> {
  const sizes = shapes(graph).flatMap(({ dim }) => dim.map(({ value }) => value));
  return new Set(sizes.flatMap((size) => (size.case === 'dimParam' && size.value !== '' ? [size.value] : [])));
}

function shapes(graph: GraphProto): TensorShapeProto[] {
  const attributes = graph.node.flatMap((node) => node.attribute);
  const types = [
    ...[...graph.input, ...graph.output, ...graph.valueInfo].map(({ type }) => type),
    ...attributes.flatMap(({ tp, typeProtos }) => [tp, ...typeProtos]),
  ];
  return [...types.flatMap(shapesOf), ...graph.node.flatMap(subgraphs).flatMap(shapes)];
}

function shapesOf(type: TypeProto | undefined): TensorShapeProto[] {
  const kind = type?.value;
  switch (kind?.case) {
    case 'tensorType':
    case 'sparseTensorType':
      return kind.value.shape === undefined ? [] : [kind.value.shape];
    case 'sequenceType':
    case 'optionalType':
      return shapesOf(kind.value.elemType);
    case 'mapType':
      return shapesOf(kind.value.valueType);
    case undefined:
      return [];
  }
}
