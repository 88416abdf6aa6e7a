import { TensorProto_DataType } from 'onnx-buf';
import type { GraphProto, NodeProto } from 'onnx-buf';
import { halfTensor } from './float-constants.ts';
import type { FloatConstant } from './float-constants.ts';
import { freshName } from '../graph/fresh-name.ts';
import { allNodes, namesRead, subgraphs } from '../graph/graph.ts';
import { makeNode } from '../graph/onnx.ts';
import { halfInputs } from './plan-half.ts';
import type { NodePlan } from './plan-half.ts';
import { tensorNames } from '../graph/rename-tensors.ts';

const { FLOAT, FLOAT16 } = TensorProto_DataType;
const float: number = FLOAT;

/** A graph's nodes with their plans, the type of each tensor, and its float32 constants. */
interface PlannedGraph {
  types: ReadonlyMap<string, number>;
  constants: ReadonlyMap<string, FloatConstant>;
  plans: ReadonlyMap<NodeProto, NodePlan>;
}

/**
 * Makes a graph's nodes compute in the precision that `planHalf` gave them. A tensor that is read as float32, or is an
 * output, keeps its name there; where it is read as halves too, these have another. Constants are rounded here, and
 * those that nobody reads any more are dropped.
 */
export function applyHalfPlan(graph: GraphProto, planned: PlannedGraph): void {
  const { types, constants, plans } = planned;
  const isFloat = (name: string) => types.get(name) === float;
  const made = (precision: NodePlan['precision']) =>
    new Set(
      graph.node.flatMap((node) => (plans.get(node)?.precision === precision ? node.output.filter(isFloat) : [])),
    );
  const madeHalf = made('half');
  const madeEither = made('either');
  const needed = neededPrecisions(graph, planned, madeHalf);
  const taken = tensorNames(graph);
  const nodeNames = new Set(allNodes(graph).map((node) => node.name));
  const halfNames = new Map<string, string>();
  for (const name of new Set([...needed.half, ...madeHalf])) {
    const madeSingle = !madeHalf.has(name) && !madeEither.has(name) && !constants.has(name);
    halfNames.set(name, madeSingle || needed.single.has(name) ? freshName(taken, `${name}_half`) : name);
  }
  const halfName = (name: string) => halfNames.get(name) ?? name;
  const cast = (from: string, to: string, type: TensorProto_DataType): NodeProto => {
    const node = makeNode('Cast', { input: [from], output: [to] }, { to: BigInt(type) });
    node.name = freshName(nodeNames, `${to}_cast`);
    return node;
  };
  const castToHalf = (name: string) => cast(name, halfName(name), FLOAT16);

  const madeByNodes = new Set(graph.node.flatMap((node) => node.output));
  const given = [...needed.half].filter((name) => !madeByNodes.has(name) && !constants.has(name));
  const nodes: NodeProto[] = given.map(castToHalf);
  for (const node of graph.node) {
    const outputs = node.output.filter(isFloat);
    const precision = plans.get(node)?.precision ?? 'any';
    if (precision === 'half') {
      const read = new Set(halfInputs(node, types));
      node.input = node.input.map((name) => (read.has(name) ? halfName(name) : name));
      node.output = node.output.map((name) => (isFloat(name) ? halfName(name) : name));
      // From float to float: it only hands on.
      if (node.opType === 'Cast') Object.assign(node, { opType: 'Identity', attribute: [] });
      nodes.push(
        node,
        ...outputs.filter((name) => needed.single.has(name)).map((name) => cast(halfName(name), name, FLOAT)),
      );
      continue;
    }
    if (precision === 'any') node.input = node.input.map((name) => (madeHalf.has(name) ? halfName(name) : name));
    const [output = ''] = node.output;
    if (constants.has(output)) {
      if (needed.single.has(output)) nodes.push(node);
    } else if (precision === 'either') {
      if (needed.single.has(output) || !needed.half.has(output)) nodes.push(node);
      if (needed.half.has(output)) nodes.push(cast(node.input[0] ?? '', halfName(output), FLOAT16));
    } else {
      nodes.push(node, ...outputs.filter((name) => needed.half.has(name)).map(castToHalf));
    }
  }
  graph.node = nodes;
  graph.initializer = [
    ...graph.initializer.filter(({ name }) => !isFloat(name) || needed.single.has(name)),
    ...[...constants].flatMap(([name, constant]) =>
      needed.half.has(name) ? [halfTensor(halfName(name), constant)] : [],
    ),
  ];
}

/** The float tensors that are read as halves, and those that are read as float32; some are read as both. */
function neededPrecisions(
  graph: GraphProto,
  { types, constants, plans }: PlannedGraph,
  madeHalf: ReadonlySet<string>,
): { half: Set<string>; single: Set<string> } {
  const isFloat = (name: string) => types.get(name) === float;
  const half = new Set<string>();
  const single = new Set(graph.output.map(({ name }) => name).filter(isFloat));
  // Readers first: a constant that nobody reads reads nothing.
  for (const node of graph.node.toReversed()) {
    const precision = plans.get(node)?.precision ?? 'any';
    const asHalf = new Set(precision === 'half' ? halfInputs(node, types) : []);
    if (constants.has(node.output[0] ?? '') && !single.has(node.output[0] ?? '')) continue;
    // Graphs inside a node read by the names that tensors have now.
    for (const name of subgraphs(node).length > 0 ? namesRead(node) : node.input) {
      if (!isFloat(name)) continue;
      if (asHalf.has(name)) half.add(name);
      else if (precision === 'any' && madeHalf.has(name)) continue;
      else single.add(name);
    }
  }
  return { half, single };
}
