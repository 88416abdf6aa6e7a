import { TensorProto_DataType } from 'onnx-buf';
import type { ModelProto, NodeProto } from 'onnx-buf';
import { Tensor } from 'onnxruntime-node';
import { expect } from 'vitest';
import { decodeModel, encodeModel, makeValueInfo } from '../../certification/classifier/graph/onnx.ts';
import type { Dimension } from '../../certification/classifier/graph/onnx.ts';
import { stackModels, type StackedPart } from '../../certification/classifier/graph/stack-models.ts';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { buildModel } from '../models/build-model.ts';
import type { ModelOptions } from '../models/build-model.ts';
import { cnnModel, tinyCnn } from '../models/cnn-model.ts';
import { random } from '../models/random.ts';
import { runModel } from '../models/run-model.ts';

export const { FLOAT, FLOAT16 } = TensorProto_DataType;

export type Example = [number, number, number];
export const shape: Example = [3, 8, 12];

export function stack(
  denoiser: Uint8Array,
  classifier: Uint8Array,
  names: { denoiser?: Omit<StackedPart, 'bytes'>; classifier?: Omit<StackedPart, 'bytes'> } = {},
): Uint8Array {
  return stackModels({
    denoiser: { bytes: denoiser, name: 'd.onnx', ...names.denoiser },
    classifier: { bytes: classifier, name: 'c.onnx', ...names.classifier },
  });
}

export function tinyClassifier(options: Parameters<typeof cnnModel>[0] = {}): Uint8Array {
  return cnnModel({ shape, convolutions: tinyCnn, ...options });
}

export function changed(bytes: Uint8Array, change: (model: ModelProto) => void): Uint8Array {
  const model = decodeModel(bytes);
  change(model);
  return encodeModel(model);
}

export function input(dims: number[]): Tensor {
  const uniform = random(3);
  const size = dims.reduce((a, b) => a * b);
  return new Tensor(
    'float32',
    Float32Array.from({ length: size }, () => 2 * uniform() - 0.5),
    dims,
  );
}

/** The one output of a model that takes one input. */
export async function apply(bytes: Uint8Array, x: Tensor): Promise<Tensor> {
  const { graph } = decodeModel(bytes);
  const outputs = await runModel(bytes, { [graph?.input[0]?.name ?? '']: x });
  return outputs[graph?.output[0]?.name ?? ''];
}

/** Expects of a stack what the two models give one after the other, bit for bit, and not the same of every input. */
export async function expectComposition(
  denoiser: Uint8Array,
  classifier: Uint8Array,
  dims: number[],
): Promise<Uint8Array> {
  const stacked = stack(denoiser, classifier);
  const x = input(dims);
  const apart = await apply(classifier, await apply(denoiser, x));
  const together = await apply(stacked, x);
  expect(together.dims).toEqual(apart.dims);
  expect(together.data).toEqual(apart.data);
  expect(new Set(apart.data as Float32Array).size).toBeGreaterThan(2);
  return stacked;
}

/** The sentence by which two models are refused. */
export function refusalOf(...parts: Parameters<typeof stack>): string {
  try {
    stack(...parts);
  } catch (error) {
    if (!(error instanceof PerimeterError)) throw error;
    expect(error.code).toBe('InvalidModel');
    return error.message;
  }
  throw new Error('They were not refused.');
}

/** Features to as many, under any names. */
export function elementwise(
  nodes: NodeProto[],
  options: ModelOptions & { input?: string; output?: string; dims?: Dimension[] } = {},
): Uint8Array {
  const { input: from = 'input', output = 'logits', dims = [options.batch ?? 'N', 3], ...rest } = options;
  return buildModel({
    ...rest,
    shape: [3],
    classes: 3,
    inputs: [makeValueInfo(from, FLOAT, dims)],
    outputs: [makeValueInfo(output, FLOAT, dims)],
    nodes,
  });
}
