import type { NodeProto } from 'onnx-buf';
import { PerimeterError } from '../../perimeter-error.ts';
import { applyHalfPlan } from './apply-half-plan.ts';
import { checkSinglePrecision } from './check-single-precision.ts';
import { findLogits } from '../graph/find-logits.ts';
import { floatConstants } from './float-constants.ts';
import { foldBatchNorm } from './fold-batch-norm.ts';
import { standardDomain } from '../graph/graph.ts';
import { matrixOperators } from './half-operators.ts';
import { inspectModel, type InspectModelOptions } from '../graph/inspect-model.ts';
import { encodeModel } from '../graph/onnx.ts';
import { planHalf } from './plan-half.ts';
import type { NodePlan } from './plan-half.ts';
import { readModel } from '../graph/read-model.ts';
import { tensorTypes } from '../graph/tensor-types.ts';

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
export function convertToHalf(bytes: Uint8Array, options: InspectModelOptions = {}): HalfModel {
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
  applyHalfPlan(graph, { types, constants, plans });
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
