import type { GraphProto } from 'onnx-buf';
import { subgraphs } from './graph.ts';

/**
 * Renames tensors wherever they stand, in the graphs inside If, Loop and Scan too, so that what those capture from
 * outside is still found. No new name may be in use.
 */
export function renameTensors(graph: GraphProto, newNames: ReadonlyMap<string, string>): void {
  const renamed = (name: string): string => newNames.get(name) ?? name;
  for (const node of graph.node) {
    node.input = node.input.map(renamed);
    node.output = node.output.map(renamed);
    for (const body of subgraphs(node)) renameTensors(body, newNames);
  }
  for (const tensor of graph.initializer) tensor.name = renamed(tensor.name);
  for (const { values } of graph.sparseInitializer) if (values !== undefined) values.name = renamed(values.name);
  for (const value of [...graph.input, ...graph.output, ...graph.valueInfo]) value.name = renamed(value.name);
}
