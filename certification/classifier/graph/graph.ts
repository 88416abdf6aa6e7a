import { TensorProto_DataType } from 'onnx-buf';
import type { AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, TensorProto } from 'onnx-buf';

/** The domain of an operator set, with ONNX's own as '', not by its alias. */
export function standardDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

/** Is it the operator of ONNX's own set, not another domain's of the same name? */
export function isStandard(node: NodeProto, opType: string): boolean {
  return node.opType === opType && standardDomain(node.domain) === '';
}

/** The graphs inside a node: the bodies of If, Loop and Scan. */
export function subgraphs(node: { attribute: AttributeProto[] }): GraphProto[] {
  return node.attribute.flatMap((attribute) => [...(attribute.g ? [attribute.g] : []), ...attribute.graphs]);
}

/** All nodes of a graph and of the graphs inside it, outer ones first. */
export function allNodes(graph: GraphProto): NodeProto[] {
  return graph.node.flatMap((node) => [node, ...subgraphs(node).flatMap(allNodes)]);
}

/** All nodes of a local function, those of the graphs inside it too. */
export function functionNodes(local: FunctionProto): NodeProto[] {
  const inDefaults = subgraphs({ attribute: local.attributeProto }).flatMap(allNodes);
  return [...local.node.flatMap((node) => [node, ...subgraphs(node).flatMap(allNodes)]), ...inDefaults];
}

/** All nodes of a model: of its graph, of its local functions, and of the graphs inside those. */
export function modelNodes(model: ModelProto): NodeProto[] {
  return [...(model.graph === undefined ? [] : allNodes(model.graph)), ...model.functions.flatMap(functionNodes)];
}

/** All constants of a graph and of the graphs inside it: initializers, and the tensors of attributes. */
export function allTensors(graph: GraphProto): TensorProto[] {
  const sparse = graph.sparseInitializer.flatMap((tensor) => [tensor.values, tensor.indices]);
  const attributes = graph.node.flatMap((node) => [
    ...node.attribute.flatMap((attribute) => [attribute.t, ...attribute.tensors]),
    ...subgraphs(node).flatMap(allTensors),
  ]);
  return [...graph.initializer, ...sparse, ...attributes].filter((tensor) => tensor !== undefined);
}

/** Every name a node reads, those captured from outside by the graphs inside it too. */
export function namesRead(node: NodeProto): string[] {
  return [
    ...node.input,
    ...subgraphs(node).flatMap((graph) => [
      ...graph.node.flatMap(namesRead),
      // A body may hand an outer tensor straight through.
      ...graph.output.map((output) => output.name),
    ]),
  ].filter((name) => name !== '');
}

/** The node that makes each tensor of the graph. */
export function producers(graph: GraphProto): Map<string, NodeProto> {
  return new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)));
}

const int64: number = TensorProto_DataType.INT64;
const bool: number = TensorProto_DataType.BOOL;

/** The values of a constant of whole numbers or truth values (shapes, axes, flags); undefined for anything else. */
export function constantIntegers(graph: GraphProto, name: string): number[] | undefined {
  const node = graph.node.find((candidate) => candidate.output.includes(name));
  const tensor =
    graph.initializer.find((initializer) => initializer.name === name) ??
    (node !== undefined && isStandard(node, 'Constant')
      ? node.attribute.find((attribute) => attribute.name === 'value')?.t
      : undefined);
  if (tensor === undefined) return undefined;
  const { rawData } = tensor;
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  if (tensor.dataType === int64) {
    const length = Math.floor(rawData.length / 8);
    return length > 0
      ? Array.from({ length }, (_, index) => Number(view.getBigInt64(8 * index, true)))
      : tensor.int64Data.map(Number);
  }
  if (tensor.dataType === bool) return rawData.length > 0 ? Array.from(rawData) : tensor.int32Data;
  return undefined;
}
