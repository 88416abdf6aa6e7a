import type { GraphProto } from 'onnx-buf';
import { subgraphs } from './graph.ts';

/**
 * Renames tensors wherever they stand, in the graphs inside If, Loop and Scan too, so that what those capture from
 * outside is still found. No new name may be in use.
 */
export function renameTensors(graph: GraphProto, newNames: ReadonlyMap<string, string>): void {
  mapTensorNames(graph, (name) => newNames.get(name) ?? name);
}

/** Every name of a tensor in a graph and in the graphs inside it: those it makes, reads, declares or annotates. */
export function tensorNames(graph: GraphProto): Set<string> {
  const names = new Set<string>();
  mapTensorNames(graph, (name) => {
    names.add(name);
    return name;
  });
  // What stands in place of an optional input or output that is left out.
  names.delete('');
  return names;
}

function mapTensorNames(graph: GraphProto, renamed: (name: string) => string): void {
  for (const node of graph.node) {
    node.input = node.input.map(renamed);
    node.output = node.output.map(renamed);
    for (const body of subgraphs(node)) mapTensorNames(body, renamed);
  }
  for (const tensor of graph.initializer) tensor.name = renamed(tensor.name);
  for (const { values } of graph.sparseInitializer) if (values !== undefined) values.name = renamed(values.name);
  for (const value of [...graph.input, ...graph.output, ...graph.valueInfo]) value.name = renamed(value.name);
  for (const annotation of graph.quantizationAnnotation) {
    annotation.tensorName = renamed(annotation.tensorName);
    for (const parameter of annotation.quantParameterTensorNames) parameter.value = renamed(parameter.value);
  }
}
