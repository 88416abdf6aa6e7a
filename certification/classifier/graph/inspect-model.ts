import { TensorProto_DataType } from 'onnx-buf';
import { PerimeterError } from '../../perimeter-error.ts';
import { findLogits } from './find-logits.ts';
import { allNodes, allTensors } from './graph.ts';
import { printed, readModel } from './read-model.ts';
import type { DeclaredValue } from './read-model.ts';
import { readShape } from './read-shape.ts';
import type { Layout } from './read-shape.ts';

/** What a certificate needs to know of a classifier. */
export interface ModelDescription {
  input: DeclaredValue;
  output: DeclaredValue;
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

/** The types whose elements are counted as parameters. */
const parameterTypes = new Set<number>([
  TensorProto_DataType.FLOAT,
  TensorProto_DataType.FLOAT16,
  TensorProto_DataType.BFLOAT16,
  TensorProto_DataType.DOUBLE,
]);

/** What a file of several inputs, outputs or readings is read as. */
export interface InspectModelOptions {
  readonly name?: string | undefined;
  readonly input?: string | undefined;
  readonly output?: string | undefined;
  readonly layout?: 'NCHW' | 'NHWC' | undefined;
}

/**
 * Reads an ONNX classifier and says what it takes and gives, or why it can't be certified.
 *
 * `readShape` tells how its input is laid out. The output must be [B, C], with any number of axes of size 1 behind.
 *
 * @param bytes the ONNX file, its weights included
 * @param options.name what messages call the file
 * @param options.input the input's name, refused where the model has another
 * @param options.output the output with one value a class; needed where there are several
 * @param options.layout the layout of an input of rank 4
 * @throws PerimeterError `InvalidModel`, one sentence, where it isn't ONNX or can't be certified
 */
export function inspectModel(bytes: Uint8Array, options: InspectModelOptions = {}): ModelDescription {
  const name = options.name ?? 'the model';
  const { model, graph, opset, input, output } = readModel(bytes, { ...options, name, gives: 'a value a class' });
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

function refusal(sentence: string): PerimeterError {
  return new PerimeterError('InvalidModel', sentence);
}

function readClasses(output: DeclaredValue, name: string): number {
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
