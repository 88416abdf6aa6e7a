import { readFileSync } from 'node:fs';
import { TensorProto_DataType } from 'onnx-buf';
import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { convertToHalf } from '../../certification/classifier/half/convert-to-half.ts';
import { floatConstants } from '../../certification/classifier/half/float-constants.ts';
import { isStandard, producers } from '../../certification/classifier/graph/graph.ts';
import { halfBits } from '../../certification/classifier/half/half.ts';
import { reasons } from '../../certification/classifier/half/half-operators.ts';
import { inspectModel } from '../../certification/classifier/graph/inspect-model.ts';
import { decodeModel } from '../../certification/classifier/graph/onnx.ts';
import { roundHalves } from '../../certification/classifier/half/round-halves.ts';
import { tensorTypes } from '../../certification/classifier/graph/tensor-types.ts';
import { cnnModel, tinyCnn } from '../models/cnn-model.ts';
import { convertibleModels } from '../models/convertible-models.ts';
import { convolution, layersModel } from '../models/layers-model.ts';
import { random } from '../models/random.ts';
import { runModel } from '../models/run-model.ts';
import { fashionMnist, modelForSigma050 } from '../support/fashion-mnist.ts';
import { randomLattice, runFused } from './run-fused.ts';

const { FLOAT, FLOAT16 } = TensorProto_DataType;
const float16: number = FLOAT16;

const examples: readonly (readonly [string, Uint8Array])[] = [
  ['the Fashion-MNIST example', new Uint8Array(readFileSync(fashionMnist.model))],
  ['the other Fashion-MNIST example', new Uint8Array(readFileSync(modelForSigma050))],
];
const models = [...convertibleModels, ...examples];

/** A graph with the types of its tensors. */
function typedGraph(bytes: Uint8Array) {
  const { graph } = decodeModel(bytes);
  if (graph === undefined) throw new Error('no graph');
  return { graph, types: tensorTypes(graph, 'the model') };
}

/** The logits of four random images, each of about unit size. */
async function logitsOf(bytes: Uint8Array): Promise<Float32Array> {
  const { input, shape, layout } = inspectModel(bytes);
  const [channels = 0, ...sides] = shape;
  const dims = layout === 'NHWC' ? [4, ...sides, channels] : [4, ...shape];
  const next = random(5);
  const values = Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => 1.5 * next() - 0.25);
  const outputs = await runModel(bytes, { [input.name]: new Tensor('float32', values, dims) });
  return outputs[inspectModel(bytes).output.name].data as Float32Array;
}

/** The largest difference, as a share of the largest value. */
function difference(values: Float32Array, others: Float32Array): number {
  const largest = Math.max(...values.map(Math.abs));
  return Math.max(...values.map((value, at) => Math.abs(value - others[at]))) / largest;
}

describe('a model converted to half precision', () => {
  it.each(models)('gives nearly the same logits, of %s', async (_, bytes) => {
    const half = convertToHalf(bytes).bytes;
    const exact = await logitsOf(bytes);
    // As ONNX Runtime runs it on a CPU, and as a GPU does, with every half rounded.
    for (const other of [half, roundHalves(half, 'the model')]) {
      const found = difference(exact, await logitsOf(other));
      expect(found).toBeLessThan(0.01);
      // Half precision was really used.
      expect(found).toBeGreaterThan(1e-6);
    }
  });

  it.each(models)('takes and gives what it did, of %s', (_, bytes) => {
    const { input, output, layout, shape, batch, classes, endsWithSoftmax, opset } = inspectModel(bytes);
    const half = convertToHalf(bytes).bytes;
    expect(inspectModel(half)).toMatchObject({ input, output, layout, shape, batch, classes, endsWithSoftmax, opset });
  });

  it.each(models)('is a function of the file, which it leaves as it is, of %s', (_, bytes) => {
    const before = bytes.slice();
    // Vitest compares arrays slowly.
    expect(Buffer.compare(convertToHalf(bytes).bytes, convertToHalf(before).bytes)).toBe(0);
    expect(Buffer.compare(bytes, before)).toBe(0);
  });

  it.each(models)('casts a tensor once, and none back and forth, of %s', (_, bytes) => {
    const { graph, types } = typedGraph(convertToHalf(bytes).bytes);
    const makers = producers(graph);
    const casts = graph.node.filter((node) => isStandard(node, 'Cast'));
    const seen = casts.map(({ input, output }) => `${input[0]} to ${types.get(output[0])}`);
    expect(new Set(seen).size).toBe(seen.length);
    for (const cast of casts) {
      const [from = ''] = cast.input;
      const before = makers.get(from);
      if (before === undefined || !isStandard(before, 'Cast')) continue;
      // Of what is cast twice, the first or the last is the model's own, of whole numbers.
      const chain = [before.input[0], from, cast.output[0]].map((name) => types.get(name));
      expect(chain.some((type) => type !== FLOAT && type !== FLOAT16)).toBe(true);
    }
    // Nothing lies there that nobody reads.
    const read = new Set(graph.node.flatMap(({ input }) => input));
    const captured = JSON.stringify(graph.node.flatMap(({ attribute }) => attribute.map(({ g }) => g?.node[0]?.input)));
    const unread = graph.initializer.filter(({ name }) => !read.has(name) && !captured.includes(`"${name}"`));
    expect(unread.map(({ name }) => name)).toEqual([]);
  });

  it.each(models)('can be fused and finds the same class on noisy lattices, of %s', async (_, bytes) => {
    const { shape, batch } = inspectModel(bytes);
    const rows = randomLattice(
      batch ?? 16,
      shape.reduce((a, b) => a * b),
    );
    const half = convertToHalf(bytes).bytes;
    const [before, after] = [await runFused(bytes, rows), await runFused(half, rows)];
    before.logits.forEach((logits, row) => {
      const [first = 0, second = 0] = logits.toSorted((a, b) => b - a);
      // Where the two best lie closer than half precision tells, either may win.
      if (first - second > 0.02 * Math.abs(first)) expect(after.topClass[row]).toBe(before.topClass[row]);
    });
    expect(after.topClass).not.toContain(-1);
  });

  it('holds each weight rounded to the nearest half', () => {
    const bytes = cnnModel({ convolutions: tinyCnn });
    const before = floatConstants(typedGraph(bytes).graph);
    const { graph } = typedGraph(convertToHalf(bytes).bytes);
    const halves = graph.initializer.filter(({ dataType }) => dataType === float16);
    expect(halves.map(({ name }) => name).sort()).toEqual([
      ...['conv0.bias', 'conv0.weight', 'conv1.bias', 'conv1.weight'],
    ]);
    for (const { name, rawData } of halves) {
      const expected = Uint16Array.from(before.get(name)?.values ?? [], halfBits);
      expect(new Uint16Array(Uint8Array.from(rawData).buffer)).toEqual(expected);
    }
  });

  it('computes in half what the time is spent on, and keeps what halves are too coarse for, saying why', () => {
    const bytes = convertibleModels.find(([what]) => what === 'attention')?.[1] ?? new Uint8Array();
    const { bytes: half, kept } = convertToHalf(bytes);
    const { graph, types } = typedGraph(half);
    const typesOf = (opType: string) =>
      graph.node.filter((node) => isStandard(node, opType)).map(({ input }) => types.get(input[0] ?? ''));
    expect(new Set([...typesOf('Conv'), ...typesOf('MatMul'), ...typesOf('Erf')])).toEqual(new Set([FLOAT16]));
    expect(new Set(['Softmax', 'ReduceMean', 'Pow', 'Sqrt', 'Gemm'].flatMap(typesOf))).toEqual(new Set([FLOAT]));
    expect(kept).toEqual([
      { operator: 'ReduceMean', nodes: 8, why: reasons.overflow },
      { operator: 'Pow', nodes: 4, why: reasons.overflow },
      { operator: 'Add', nodes: 4, why: reasons.float32 },
      { operator: 'Sqrt', nodes: 4, why: reasons.float32 },
      { operator: 'Where', nodes: 1, why: reasons.weights },
      { operator: 'Softmax', nodes: 1, why: reasons.overflow },
      { operator: 'Gemm', nodes: 1, why: reasons.scores },
    ]);
  });

  it('folds each BatchNormalization that has a layer before it', () => {
    const bytes = convertibleModels.find(([what]) => what.startsWith('residual'))?.[1] ?? new Uint8Array();
    const { bytes: half, folded } = convertToHalf(bytes);
    expect([folded, inspectModel(half).operators.BatchNormalization]).toEqual([3, 1]);
  });

  it('keeps a layer in float32 whose weights no half holds', async () => {
    const bytes = layersModel({ channels: 6 }, (layers, input) => {
      const large = layers.node('Conv', [input, layers.weights([6, 3, 1, 1], { scale: 1e5 })]);
      return convolution(layers, layers.node('Mul', [large, layers.constant([], Float32Array.of(1e-5))]), [6, 6]);
    });
    const { bytes: half, kept } = convertToHalf(bytes);
    expect(kept).toContainEqual({ operator: 'Conv', nodes: 1, why: reasons.weights });
    expect(difference(await logitsOf(bytes), await logitsOf(roundHalves(half, 'it')))).toBeLessThan(0.01);
  });

  it('shows by rounding every half what overflows, which a CPU hides', async () => {
    const bytes = layersModel({ channels: 6 }, (layers, input) => {
      const large = layers.node('Conv', [input, layers.weights([6, 3, 1, 1], { scale: 6e4 })]);
      return layers.node('Conv', [large, layers.weights([6, 6, 1, 1], { scale: 1e-2 })]);
    });
    const { bytes: half, kept } = convertToHalf(bytes);
    expect(kept.map(({ operator }) => operator)).toEqual(['Gemm']);
    const exact = await logitsOf(bytes);
    expect(difference(exact, await logitsOf(half))).toBeLessThan(0.01);
    expect([...(await logitsOf(roundHalves(half, 'it')))].every(Number.isFinite)).toBe(false);
  });
});
