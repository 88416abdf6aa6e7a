import { TensorProto_DataType } from 'onnx-buf';
import type { GraphProto, NodeProto } from 'onnx-buf';
import { PerimeterError } from '../perimeter-error.ts';
import { checkSinglePrecision } from './check-single-precision.ts';
import { findLogits } from './find-logits.ts';
import { floatConstants, halfTensor } from './float-constants.ts';
import type { FloatConstant } from './float-constants.ts';
import { foldBatchNorm } from './fold-batch-norm.ts';
import { freshName } from './fresh-name.ts';
import { namesRead, standardDomain, subgraphs } from './graph.ts';
import { matrixOperators } from './half-operators.ts';
import { inspectModel } from './inspect-model.ts';
import { encodeModel, makeNode } from './onnx.ts';
import { halfInputs, planHalf } from './plan-half.ts';
import type { NodePlan } from './plan-half.ts';
import { readModel } from './read-model.ts';
import { tensorNames } from './rename-tensors.ts';
import { tensorTypes } from './tensor-types.ts';

const { FLOAT, FLOAT16 } = TensorProto_DataType;
const float: number = FLOAT;

const producerName = 'perimeter model convert';

/** The IR version from which constants need not be inputs. */
const constantsApart = 4n;

/** Operators that stay in float32, and why. */
export interface KeptOperators {
  operator: string;
  nodes: number;
  why: string;
}

/** A model in half precision, and what became of the one it was made from. */
export interface HalfModel {
  bytes: Uint8Array;
  /** Nodes that compute in half precision, those that only move values among them. */
  halfNodes: number;
  /** BatchNormalizations folded into the layer before. */
  folded: number;
  /** Those that work on the model's input and stay in float32. */
  kept: KeptOperators[];
}

/**
 * Converts a float32 classifier to half precision: another classifier, with its own digest and its own certificates.
 *
 * Its input and outputs keep their names and stay float32. Inside, `planHalf` says what computes in half precision;
 * the constants read there are rounded to the nearest half, and a Cast stands wherever a tensor goes from one precision
 * to the other, one for each tensor. BatchNormalizations are folded first, in double precision. What If, Loop and Scan hold
 * stays as it is. Stated shapes of inner tensors and information for training are left out.
 *
 * The same file gives the same bytes.
 *
 * @param bytes the ONNX file, its weights included
 * @param options.name what messages call the file
 * @param options.input the input's name, refused where the model has another
 * @param options.output the output with one value a class; needed where there are several
 * @param options.layout the layout of an input of rank 4
 * @throws PerimeterError `InvalidModel`, one sentence: what `inspectModel` refuses, a model that is half or quantised already,
 *   one of local functions, and one with nothing to convert
 */
export function convertToHalf(
  bytes: Uint8Array,
  options: {
    name?: string | undefined;
    input?: string | undefined;
    output?: string | undefined;
    layout?: 'NCHW' | 'NHWC' | undefined;
  } = {},
): HalfModel {
  const name = options.name ?? 'the model';
  const read = readModel(bytes, { ...options, name, gives: 'a value a class' });
  checkSinglePrecision(read, name);
  inspectModel(bytes, options);
  const { model, graph, input, output, opset } = read;
  // A constant that could be fed can't be folded, nor rounded.
  graph.input = graph.input.filter((value) => value.name === input.name);
  if (model.irVersion < constantsApart) model.irVersion = constantsApart;

  const folded = foldBatchNorm(graph);
  const types = tensorTypes(graph, name);
  const constants = floatConstants(graph);
  const scores = findLogits(graph, output.name, { rank: output.dims.length, opset }).name;
  const plans = planHalf(graph, { types, constants, input: input.name, scores });
  const halves = graph.node.filter((node) => plans.get(node)?.precision === 'half');
  if (!halves.some(({ opType }) => matrixOperators.has(opType))) {
    throw new PerimeterError(
      'InvalidModel',
      `${name} has nothing to gain from half precision: no Conv, ConvTranspose, Gemm or MatMul before the one that makes the class scores, which stays in float32.`,
    );
  }
  const kept = keptOperators(plans);
  rewrite(graph, { types, constants, plans });
  graph.valueInfo = [];
  model.trainingInfo = [];
  model.producerName = producerName;
  model.producerVersion = '';
  return { bytes: encodeModel(model), halfNodes: halves.length, folded, kept };
}

function keptOperators(plans: ReadonlyMap<NodeProto, NodePlan>): KeptOperators[] {
  const groups = new Map<string, KeptOperators>();
  for (const [{ domain, opType }, plan] of plans) {
    if (plan.precision !== 'single' || plan.why === undefined) continue;
    const operator = standardDomain(domain) === '' ? opType : `${domain}.${opType}`;
    const key = JSON.stringify([operator, plan.why]);
    const group = groups.get(key) ?? { operator, nodes: 0, why: plan.why };
    group.nodes++;
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Puts the plan into the graph. */
function rewrite(
  graph: GraphProto,
  {
    types,
    constants,
    plans,
  }: {
    types: ReadonlyMap<string, number>;
    constants: ReadonlyMap<string, FloatConstant>;
    plans: ReadonlyMap<NodeProto, NodePlan>;
  },
): void {
  const isFloat = (name: string) => types.get(name) === float;
  const madeHalf = new Set(
    graph.node.flatMap((node) => (plans.get(node)?.precision === 'half' ? node.output.filter(isFloat) : [])),
  );
  const madeEither = new Set(
    graph.node.flatMap((node) => (plans.get(node)?.precision === 'either' ? node.output : [])),
  );
  const needed = neededPrecisions(graph, { types, constants, plans, madeHalf });
  const taken = tensorNames(graph);
  const nodeNames = new Set(graph.node.map((node) => node.name));
  const halfNames = new Map<string, string>();
  for (const name of needed.half) {
    const hasFloat = needed.single.has(name) || !(madeHalf.has(name) || madeEither.has(name) || constants.has(name));
    halfNames.set(name, hasFloat ? freshName(taken, `${name}_half`) : name);
  }
  for (const name of madeHalf) {
    if (!halfNames.has(name)) halfNames.set(name, needed.single.has(name) ? freshName(taken, `${name}_half`) : name);
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
      for (const attribute of node.attribute) {
        if (node.opType === 'Cast' && attribute.name === 'to') attribute.i = BigInt(FLOAT16);
      }
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
  {
    types,
    constants,
    plans,
    madeHalf,
  }: {
    types: ReadonlyMap<string, number>;
    constants: ReadonlyMap<string, FloatConstant>;
    plans: ReadonlyMap<NodeProto, NodePlan>;
    madeHalf: ReadonlySet<string>;
  },
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
