import { TensorProto_DataLocation, TensorProto_DataType } from 'onnx-buf';
import type { GraphProto, ModelProto, ValueInfoProto } from 'onnx-buf';
import { PerimeterError } from '../../perimeter-error.ts';
import { checkFixedFunction } from './check-fixed-function.ts';
import { allTensors } from './graph.ts';
import { decodeModel } from './onnx.ts';
import type { Dimension } from './onnx.ts';

/** What a model declares of its input or output; a free size is its name, or '?'. */
export interface DeclaredValue {
  name: string;
  type: 'float32' | 'float16';
  dims: Dimension[];
}

/** An ONNX model that is one fixed function of one input, its weights included. */
export interface ReadModel {
  model: ModelProto;
  graph: GraphProto;
  opset: number;
  input: DeclaredValue;
  output: DeclaredValue;
}

/** Where Equal got floating point and Round, Clip and the reductions their present form. */
const leastOpset = 11;

const floatTypes = new Map<number, 'float32' | 'float16'>([
  [TensorProto_DataType.FLOAT, 'float32'],
  [TensorProto_DataType.FLOAT16, 'float16'],
]);

/**
 * Reads an ONNX file with what it declares of its one input and of one output, or says why it can't be certified,
 * whatever it classifies or computes.
 *
 * @param options.name what messages call the file
 * @param options.input the input's name, refused where the model has another
 * @param options.output the output to take; needed where there are several
 * @param options.gives what that output holds, for messages: "a value a class"
 * @throws PerimeterError `InvalidModel`, one sentence
 */
export function readModel(
  bytes: Uint8Array,
  options: { name: string; input?: string | undefined; output?: string | undefined; gives: string },
): ReadModel {
  const { name } = options;
  const { model, graph } = parse(bytes, name);
  const opset = standardOpset(model, name);
  refuseExternalData(graph, name);
  checkFixedFunction(model, graph, name);
  return { model, graph, opset, input: readInput(graph, options), output: readOutput(graph, options) };
}

function refusal(sentence: string, cause?: unknown): PerimeterError {
  return new PerimeterError('InvalidModel', sentence, { cause });
}

function parse(bytes: Uint8Array, name: string): { model: ModelProto; graph: GraphProto } {
  if (bytes.length === 0) throw refusal(`${name} is empty: expected an ONNX model.`);
  let model: ModelProto;
  try {
    model = decodeModel(bytes);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw refusal(
      `${name} is not an ONNX model, or is truncated or corrupt: its protobuf can't be read (${found}).`,
      error,
    );
  }
  const { graph } = model;
  if (model.irVersion <= 0n || graph === undefined || graph.node.length === 0) {
    throw refusal(
      `${name} is not an ONNX model, or is truncated: no graph of operators was found in its ${bytes.length} bytes.`,
    );
  }
  return { model, graph };
}

function standardOpset(model: ModelProto, name: string): number {
  const declared = model.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx');
  if (declared === undefined) {
    throw refusal(
      `${name} declares no version of the standard operators: expected opset ${leastOpset} or later; the file may be truncated.`,
    );
  }
  const opset = Number(declared.version);
  if (opset < leastOpset) {
    throw refusal(
      `${name} uses opset ${opset}, but ${leastOpset} is the oldest that can be certified: export it again with opset_version=17.`,
    );
  }
  return opset;
}

function refuseExternalData(graph: GraphProto, name: string): void {
  const tensor = allTensors(graph).find(({ dataLocation }) => dataLocation === TensorProto_DataLocation.EXTERNAL);
  if (tensor === undefined) return;
  const location = tensor.externalData.find(({ key }) => key === 'location')?.value ?? '?';
  throw refusal(
    `${name} keeps the weights '${tensor.name}' in another file ('${location}'): export it with its weights inside (in PyTorch, external_data=False).`,
  );
}

type DeclaredTensor = Omit<DeclaredValue, 'type'> & { elemType: number };

function declaredTensor(value: ValueInfoProto, { name, role }: { name: string; role: string }): DeclaredTensor {
  const type = value.type?.value;
  if (type?.case !== 'tensorType') {
    const kind = type?.case?.replace('Type', '') ?? 'unknown';
    const advice = kind === 'sequence' || kind === 'map' ? ' (for scikit-learn, convert with zipmap off)' : '';
    throw refusal(`${name} has ${role} '${value.name}' of type ${kind}: expected a tensor${advice}.`);
  }
  const shape = type.value.shape;
  if (shape === undefined) {
    throw refusal(
      `${name} declares no shape for ${role} '${value.name}': export it with shapes, or run ONNX shape inference on it.`,
    );
  }
  const dims = shape.dim.map(({ value: size }): Dimension => {
    // Some exporters write 0 or −1 for a free size.
    if (size.case === 'dimValue') return size.value > 0n ? Number(size.value) : '?';
    return size.case === 'dimParam' && size.value !== '' ? size.value : '?';
  });
  return { name: value.name, dims, elemType: type.value.elemType };
}

function typeName(elemType: number): string {
  return (TensorProto_DataType[elemType] ?? `type ${elemType}`).toLowerCase();
}

function readInput(graph: GraphProto, options: { name: string; input?: string | undefined }): DeclaredValue {
  const { name } = options;
  // Before IR version 4 every initializer was listed as an input too.
  const constants = new Set([
    ...graph.initializer.map((tensor) => tensor.name),
    ...graph.sparseInitializer.map((tensor) => tensor.values?.name),
  ]);
  const inputs = graph.input.filter((input) => !constants.has(input.name));
  const first = inputs.at(0);
  if (first === undefined) throw refusal(`${name} has no input: expected one, the image or the features.`);
  if (inputs.length > 1) {
    throw refusal(
      `${name} has ${inputs.length} inputs (${quoted(inputs)}): a model with exactly one can be certified.`,
    );
  }
  if (options.input !== undefined && options.input !== first.name) {
    throw refusal(`${name} has no input '${options.input}': its input is '${first.name}'.`);
  }
  const { elemType, ...input } = declaredTensor(first, { name, role: 'input' });
  const type = floatTypes.get(elemType);
  if (type === undefined) {
    throw refusal(
      `${name} takes ${typeName(elemType)} in input '${input.name}': expected float or float16, for noise must be added to it.`,
    );
  }
  return { ...input, type };
}

function readOutput(
  graph: GraphProto,
  options: { name: string; output?: string | undefined; gives: string },
): DeclaredValue {
  const { name, gives } = options;
  const first = graph.output.at(0);
  if (first === undefined) throw refusal(`${name} has no output: expected one with ${gives}.`);
  if (options.output === undefined && graph.output.length > 1) {
    throw refusal(`${name} has ${graph.output.length} outputs (${quoted(graph.output)}): name the one with ${gives}.`);
  }
  const chosen = options.output === undefined ? first : graph.output.find((output) => output.name === options.output);
  if (chosen === undefined) {
    throw refusal(`${name} has no output '${options.output ?? ''}': its outputs are ${quoted(graph.output)}.`);
  }
  const { elemType, ...output } = declaredTensor(chosen, { name, role: 'output' });
  const type = floatTypes.get(elemType);
  if (type === undefined) {
    throw refusal(
      `${name} gives ${typeName(elemType)} in output '${output.name}': expected ${gives}, float or float16.`,
    );
  }
  return { ...output, type };
}

function quoted(values: ValueInfoProto[]): string {
  return values.map((value) => `'${value.name}'`).join(', ');
}

/** A shape as messages show it. */
export function printed(dims: Dimension[]): string {
  return `[${dims.join(', ')}]`;
}
