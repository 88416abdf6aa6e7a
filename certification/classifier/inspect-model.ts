import { TensorProto_DataLocation, TensorProto_DataType } from 'onnx-buf';
import type { GraphProto, ModelProto, ValueInfoProto } from 'onnx-buf';
import { PerimeterError } from '../perimeter-error.ts';
import { checkFixedFunction } from './check-fixed-function.ts';
import { findLogits } from './find-logits.ts';
import { allNodes, allTensors } from './graph.ts';
import { decodeModel } from './onnx.ts';
import type { Dimension } from './onnx.ts';

/** How a model's input is laid out: images with channels first or last, or plain vectors. */
export type Layout = 'NCHW' | 'NHWC' | 'features';

/** What a certificate needs to know of a classifier. */
export interface ModelDescription {
  /** `dims` are as the model declares them; a free size is its name, or '?'. */
  input: { name: string; type: 'float32' | 'float16'; dims: Dimension[] };
  output: { name: string; type: 'float32' | 'float16'; dims: Dimension[] };
  layout: Layout;
  /** The shape of one example, channels first for images: [C, H, W], or [d]. */
  shape: number[];
  /** The fixed batch size, or null where it is free. */
  batch: number | null;
  classes: number;
  /** The output comes out of a Softmax over the classes; the top class is then taken before it. */
  endsWithSoftmax: boolean;
  opset: number;
  irVersion: number;
  producer: string;
  /** The number of elements of all floating-point constants. */
  parameters: number;
  /** The number of nodes, those inside If, Loop and Scan too. */
  nodes: number;
  /** How often each operator occurs, by name; another domain's as `domain.Operator`. */
  operators: Record<string, number>;
}

/** Where Equal got floating point and Round, Clip and the reductions their present form. */
const leastOpset = 11;

const floatTypes = new Map<number, 'float32' | 'float16'>([
  [TensorProto_DataType.FLOAT, 'float32'],
  [TensorProto_DataType.FLOAT16, 'float16'],
]);

/** The types whose elements are counted as parameters. */
const parameterTypes = new Set<number>([
  TensorProto_DataType.FLOAT,
  TensorProto_DataType.FLOAT16,
  TensorProto_DataType.BFLOAT16,
  TensorProto_DataType.DOUBLE,
]);

/**
 * Reads an ONNX classifier and says what it takes and gives, or why it can't be certified.
 *
 * An input of rank 4 is an image: NHWC where the last axis has 1 or 3 channels and the second has not, else NCHW;
 * `options.layout` overrules. An input of rank 2 is a vector of features. The output must be [B, C], with any number
 * of axes of size 1 behind.
 *
 * @param bytes the ONNX file, its weights included
 * @param options.name what messages call the file
 * @param options.input the input's name, refused where the model has another
 * @param options.output the output with one value a class; needed where there are several
 * @param options.layout the layout of an input of rank 4
 * @throws PerimeterError `InvalidModel`, one sentence, where it isn't ONNX or can't be certified
 */
export function inspectModel(
  bytes: Uint8Array,
  options: { name?: string; input?: string; output?: string; layout?: 'NCHW' | 'NHWC' } = {},
): ModelDescription {
  const name = options.name ?? 'the model';
  const { model, graph } = parse(bytes, name);
  const opset = standardOpset(model, name);
  refuseExternalData(graph, name);
  checkFixedFunction(graph, name);

  const input = readInput(graph, { name, input: options.input });
  const output = readOutput(graph, { name, output: options.output });
  const { layout, shape } = readShape(input, { name, layout: options.layout });
  const classes = readClasses(output, name);
  const { endsWithSoftmax } = findLogits(graph, output.name, { rank: output.dims.length, opset });
  const batch = input.dims[0];
  const nodes = allNodes(graph);
  const operators = new Map<string, number>();
  for (const { domain, opType } of nodes) {
    const operator = domain === '' || domain === 'ai.onnx' ? opType : `${domain}.${opType}`;
    operators.set(operator, (operators.get(operator) ?? 0) + 1);
  }

  return {
    input,
    output,
    layout,
    shape,
    batch: typeof batch === 'number' ? batch : null,
    classes,
    endsWithSoftmax,
    opset,
    irVersion: Number(model.irVersion),
    producer: [model.producerName, model.producerVersion].filter((part) => part !== '').join(' '),
    parameters: allTensors(graph)
      .filter((tensor) => parameterTypes.has(tensor.dataType))
      .reduce((sum, tensor) => sum + tensor.dims.reduce((product, size) => product * Number(size), 1), 0),
    nodes: nodes.length,
    operators: Object.fromEntries([...operators].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
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

type DeclaredTensor = Omit<ModelDescription['input'], 'type'> & { elemType: number };

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

function readInput(
  graph: GraphProto,
  options: { name: string; input?: string | undefined },
): ModelDescription['input'] {
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
      `${name} has ${inputs.length} inputs (${quoted(inputs)}): a classifier with exactly one can be certified.`,
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
  options: { name: string; output?: string | undefined },
): ModelDescription['output'] {
  const { name } = options;
  const first = graph.output.at(0);
  if (first === undefined) throw refusal(`${name} has no output: expected one value a class.`);
  if (options.output === undefined && graph.output.length > 1) {
    throw refusal(
      `${name} has ${graph.output.length} outputs (${quoted(graph.output)}): name the one with a value a class.`,
    );
  }
  const chosen = options.output === undefined ? first : graph.output.find((output) => output.name === options.output);
  if (chosen === undefined) {
    throw refusal(`${name} has no output '${options.output ?? ''}': its outputs are ${quoted(graph.output)}.`);
  }
  const { elemType, ...output } = declaredTensor(chosen, { name, role: 'output' });
  const type = floatTypes.get(elemType);
  if (type === undefined) {
    throw refusal(
      `${name} gives ${typeName(elemType)} in output '${output.name}': expected one float or float16 a class.`,
    );
  }
  return { ...output, type };
}

function readShape(
  input: ModelDescription['input'],
  options: { name: string; layout?: 'NCHW' | 'NHWC' | undefined },
): { layout: Layout; shape: number[] } {
  const { name } = options;
  const [, ...example] = input.dims;
  const shape = example.map((size, index) => {
    if (typeof size === 'number') return size;
    throw refusal(
      `${name} leaves axis ${index + 1} of input '${input.name}' free (${printed(input.dims)}): only the batch axis may be; export it with a fixed size.`,
    );
  });
  if (shape.length === 1) return { layout: 'features', shape };
  if (shape.length === 3) {
    const [first, second, third] = shape;
    const channelsLast = isChannels(third) && !isChannels(first);
    const layout = options.layout ?? (channelsLast ? 'NHWC' : 'NCHW');
    return { layout, shape: layout === 'NHWC' ? [third, first, second] : shape };
  }
  throw refusal(
    `${name} has input '${input.name}' of shape ${printed(input.dims)}: expected images [batch, channels, height, width] or [batch, height, width, channels], or features [batch, d].`,
  );
}

function isChannels(size: number): boolean {
  return size === 1 || size === 3;
}

function readClasses(output: ModelDescription['output'], name: string): number {
  const classes = output.dims.at(1);
  const shape = `output '${output.name}' of shape ${printed(output.dims)}`;
  if (classes === undefined || output.dims.slice(2).some((size) => size !== 1)) {
    throw refusal(`${name} has no class axis in ${shape}: expected [batch, classes].`);
  }
  if (typeof classes === 'string') {
    throw refusal(`${name} doesn't say how many classes it has in ${shape}: export it with a fixed class count.`);
  }
  if (classes === 1) {
    throw refusal(
      `${name} has one class in ${shape}: expected two or more; give a binary classifier one value for each class.`,
    );
  }
  return classes;
}

function quoted(values: ValueInfoProto[]): string {
  return values.map((value) => `'${value.name}'`).join(', ');
}

function printed(dims: Dimension[]): string {
  return `[${dims.join(', ')}]`;
}
