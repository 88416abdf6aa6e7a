import { TensorProto_DataType } from 'onnx-buf';
import type { GraphProto, NodeProto, ValueInfoProto } from 'onnx-buf';
import { PerimeterError } from '../../perimeter-error.ts';
import { standardDomain, subgraphs } from './graph.ts';

const { FLOAT, INT64, BOOL } = TensorProto_DataType;

/** Operators whose outputs have one type, whatever they read. */
const fixedTypes = new Map<string, number>([
  ...['Shape', 'Size', 'NonZero', 'ArgMax', 'ArgMin', 'NonMaxSuppression'].map((name) => [name, INT64] as const),
  ...['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'].map((name) => [name, BOOL] as const),
  ...['And', 'Or', 'Xor', 'Not', 'IsInf', 'IsNaN'].map((name) => [name, BOOL] as const),
]);

/** Operators whose first output has the type of another input than the first. */
const typedBy = new Map([
  ['Where', 1],
  ['CastLike', 1],
  ['OneHot', 2],
]);

/** Operators with further outputs, of this type; elsewhere these have the first one's. */
const furtherOutputs = new Map<string, number>([
  ['MaxPool', INT64],
  ['TopK', INT64],
  ['Unique', INT64],
  ['Dropout', BOOL],
]);

/** Attributes that name the type of what is made, and the type where they are left out. */
const typeAttributes = new Map<string, { attribute: string; otherwise?: number }>([
  ['Cast', { attribute: 'to' }],
  ['EyeLike', { attribute: 'dtype' }],
  ['BlackmanWindow', { attribute: 'output_datatype', otherwise: FLOAT }],
  ['HammingWindow', { attribute: 'output_datatype', otherwise: FLOAT }],
  ['HannWindow', { attribute: 'output_datatype', otherwise: FLOAT }],
]);

/** Operators that make lists, maps or texts, or read them. */
const notOfTensors = /^(Sequence|SplitToSequence|ConcatFromSequence|Optional|String|Regex|TfIdf|MelWeight)/;

/**
 * The element type of every tensor of a graph (a `TensorProto_DataType`), those inside the graphs of If, Loop and Scan
 * left out: as the standard's operators give it, else as the graph declares it.
 *
 * @param graph its nodes in an order in which they can be computed, as ONNX demands
 * @param name what messages call the file
 * @throws PerimeterError `InvalidModel` where an operator's output is of no known type
 */
export function tensorTypes(graph: GraphProto, name: string): Map<string, number> {
  const declared = new Map([...graph.valueInfo, ...graph.output].map((value) => [value.name, declaredType(value)]));
  const types = new Map<string, number>();
  for (const value of graph.input) types.set(value.name, declaredType(value) ?? 0);
  for (const tensor of graph.initializer) types.set(tensor.name, tensor.dataType);
  for (const { values } of graph.sparseInitializer) if (values !== undefined) types.set(values.name, values.dataType);
  for (const node of graph.node) {
    node.output.forEach((output, at) => {
      if (output === '') return;
      const type = outputType(node, at, types) ?? declared.get(output);
      if (type === undefined) {
        throw new PerimeterError(
          'InvalidModel',
          `${name} doesn't say what type '${output}' has, which the operator ${node.opType} '${node.name}' makes: run ONNX shape inference on it, which writes that down.`,
        );
      }
      types.set(output, type);
    });
  }
  return types;
}

/** Undefined where the operator doesn't tell. */
function outputType(node: NodeProto, at: number, types: ReadonlyMap<string, number>): number | undefined {
  if (standardDomain(node.domain) !== '' || notOfTensors.test(node.opType)) return undefined;
  const { opType, attribute } = node;
  const bodies = subgraphs(node);
  if (bodies.length > 0) {
    // A Loop's body begins its outputs with whether to go on.
    const output = bodies[0].output.at(opType === 'Loop' ? at + 1 : at);
    return output && declaredType(output);
  }
  const fixed = fixedTypes.get(opType) ?? (at > 0 ? furtherOutputs.get(opType) : undefined);
  if (fixed !== undefined) return fixed;
  const named = typeAttributes.get(opType);
  const stated = attribute.find(({ name }) => name === named?.attribute)?.i;
  if (stated !== undefined) return Number(stated);
  if (named?.otherwise !== undefined) return named.otherwise;
  if (opType === 'ConstantOfShape') return attribute.find(({ name }) => name === 'value')?.t?.dataType ?? FLOAT;
  if (opType === 'Constant') return constantType(node);
  // LayerNormalization's mean and deviation are float32, whatever it reads.
  if (opType === 'LayerNormalization' && at > 0) return FLOAT;
  return types.get(node.input[typedBy.get(opType) ?? 0] ?? '');
}

function constantType(node: NodeProto): number | undefined {
  const attribute = node.attribute.at(0);
  if (attribute?.name === 'value') return attribute.t?.dataType;
  if (attribute?.name === 'sparse_value') return attribute.sparseTensor?.values?.dataType;
  if (attribute?.name.startsWith('value_float')) return FLOAT;
  return attribute?.name.startsWith('value_int') ? INT64 : undefined;
}

function declaredType({ type }: ValueInfoProto): number | undefined {
  const elemType = type?.value.case === 'tensorType' ? type.value.value.elemType : 0;
  return elemType === 0 ? undefined : elemType;
}
