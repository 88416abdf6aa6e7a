import { create } from '@bufbuild/protobuf';
import { AttributeProtoSchema, GraphProtoSchema } from 'onnx-buf';
import type { AttributeProto } from 'onnx-buf';
import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { foldBatchNorm } from '../../certification/classifier/half/fold-batch-norm.ts';
import { subgraphs } from '../../certification/classifier/graph/graph.ts';
import { decodeModel, encodeModel, makeNode } from '../../certification/classifier/graph/onnx.ts';
import { batchNorm, convolution, layersModel } from '../models/layers-model.ts';
import type { Layers } from '../models/layers-model.ts';
import { random } from '../models/random.ts';
import { runModel } from '../models/run-model.ts';

function fold(bytes: Uint8Array): { folded: number; bytes: Uint8Array; operators: string[] } {
  const model = decodeModel(bytes);
  if (model.graph === undefined) throw new Error('no graph');
  const folded = foldBatchNorm(model.graph);
  return { folded, bytes: encodeModel(model), operators: model.graph.node.map(({ opType }) => opType) };
}

async function logitsOf(bytes: Uint8Array): Promise<Float32Array> {
  const next = random(9);
  const input = new Tensor('float32', Float32Array.from({ length: 2 * 3 * 64 }, next), [2, 3, 8, 8]);
  return (await runModel(bytes, { input })).logits.data as Float32Array;
}

/** Both models' logits, within 1e-5 of the largest. */
async function expectSame(bytes: Uint8Array, other: Uint8Array): Promise<void> {
  const [expected, found] = [await logitsOf(bytes), await logitsOf(other)];
  const largest = Math.max(...expected.map(Math.abs));
  expect(largest).toBeGreaterThan(0.1);
  expected.forEach((value, at) => {
    expect(Math.abs(value - found[at])).toBeLessThan(1e-5 * largest);
  });
}

const kernel = { kernel_shape: [3n, 3n], pads: [1n, 1n, 1n, 1n] };
const flat = (layers: Layers, input: string) =>
  layers.node('Flatten', [layers.node('GlobalAveragePool', [input])], { axis: 1n });
const asImage = (layers: Layers, input: string) =>
  layers.node('Reshape', [input, layers.constant([4], BigInt64Array.of(-1n, 6n, 1n, 1n))]);

/** Layers with six channels behind them, one BatchNormalization among them. */
const linearLayers: readonly [string, (layers: Layers, input: string) => string][] = [
  ['a Conv without bias', (layers, input) => batchNorm(layers, convolution(layers, input, [6, 3]), 6)],
  [
    'a Conv with bias, in groups',
    (layers, input) =>
      batchNorm(
        layers,
        layers.node('Conv', [input, layers.weights([6, 1, 3, 3]), layers.weights([6])], { ...kernel, group: 3n }),
        6,
      ),
  ],
  [
    'a ConvTranspose',
    (layers, input) =>
      batchNorm(
        layers,
        layers.node('ConvTranspose', [input, layers.weights([3, 6, 3, 3]), layers.weights([6])], kernel),
        6,
      ),
  ],
  [
    'a ConvTranspose in groups',
    (layers, input) =>
      batchNorm(
        layers,
        layers.node('ConvTranspose', [input, layers.weights([3, 2, 3, 3])], { ...kernel, group: 3n }),
        6,
      ),
  ],
  [
    'a Gemm',
    (layers, input) =>
      asImage(
        layers,
        batchNorm(layers, layers.node('Gemm', [flat(layers, input), layers.weights([3, 6]), layers.weights([6])]), 6),
      ),
  ],
  [
    'a Gemm with transposed weights and one number for bias',
    (layers, input) =>
      asImage(
        layers,
        batchNorm(
          layers,
          layers.node('Gemm', [flat(layers, input), layers.weights([6, 3]), layers.weights([1])], { transB: 1n }),
          6,
        ),
      ),
  ],
];

describe('foldBatchNorm', () => {
  it.each(linearLayers)('folds one behind %s, and the logits stay', async (_, build) => {
    const bytes = layersModel({ channels: 6 }, build);
    const { folded, bytes: without, operators } = fold(bytes);
    expect(folded).toBe(1);
    expect(operators).not.toContain('BatchNormalization');
    await expectSame(bytes, without);
  });

  it('folds a chain of them, and leaves constants alone that others read', async () => {
    const bytes = layersModel({ channels: 3 }, (layers, input) => {
      const shared = layers.weights([3, 3, 3, 3]);
      const first = batchNorm(layers, batchNorm(layers, layers.node('Conv', [input, shared], kernel), 3), 3);
      const second = batchNorm(layers, layers.node('Conv', [layers.node('Relu', [first]), shared], kernel), 3);
      return layers.node('Conv', [second, shared], kernel);
    });
    const { folded, bytes: without } = fold(bytes);
    expect(folded).toBe(3);
    await expectSame(bytes, without);
  });

  const unfit: readonly [string, (layers: Layers, input: string) => string][] = [
    [
      'whose layer another node reads too',
      (layers, input) => {
        const made = convolution(layers, input, [6, 3]);
        return layers.node('Add', [made, batchNorm(layers, made, 6)]);
      },
    ],
    ['on the input', (layers, input) => convolution(layers, batchNorm(layers, input, 3), [6, 3])],
    [
      'behind a Relu',
      (layers, input) => batchNorm(layers, layers.node('Relu', [convolution(layers, input, [6, 3])]), 6),
    ],
    [
      'behind a Gemm that is scaled',
      (layers, input) =>
        asImage(
          layers,
          batchNorm(layers, layers.node('Gemm', [flat(layers, input), layers.weights([3, 6])], { alpha: 2 }), 6),
        ),
    ],
    [
      'behind a Conv whose weights are computed',
      (layers, input) => {
        const weights = layers.node('Softplus', [layers.weights([6, 3, 3, 3])]);
        return batchNorm(layers, layers.node('Conv', [input, weights], kernel), 6);
      },
    ],
  ];

  it.each(unfit)('leaves one %s', (_, build) => {
    const { folded, operators } = fold(layersModel({ channels: 6 }, build));
    expect(folded).toBe(0);
    expect(operators).toContain('BatchNormalization');
  });

  it('leaves what lies in the graphs of an If, and what only they read', () => {
    const bytes = layersModel({ channels: 6 }, (layers, input) => {
      const made = convolution(layers, input, [6, 3]);
      const captured = batchNorm(layers, convolution(layers, made, [6, 6]), 6);
      const chosen = layers.node('If', [layers.node('Equal', [made, made])]);
      layers.withAttributes(chosen, [bodyWithBatchNorm(captured, layers), bodyWithBatchNorm(made, layers)]);
      return layers.node('Add', [chosen, batchNorm(layers, made, 6)]);
    });
    const { folded, bytes: after } = fold(bytes);
    expect(folded).toBe(1);
    const bodies = (model: Uint8Array) => decodeModel(model).graph?.node.flatMap(subgraphs);
    expect(bodies(after)).toEqual(bodies(bytes));
    expect(bodies(after)?.map(({ node }) => node.map(({ opType }) => opType))).toEqual([
      ['Conv', 'BatchNormalization'],
      ['Conv', 'BatchNormalization'],
    ]);
  });
});

function bodyWithBatchNorm(captured: string, { weights }: Layers): AttributeProto {
  const parameters = [1, 2, 3, 4].map(() => weights([6], { mean: 2 }));
  return create(AttributeProtoSchema, {
    name: `body_of_${captured}`,
    g: create(GraphProtoSchema, {
      node: [
        makeNode('Conv', { input: [captured, weights([6, 6, 3, 3])], output: ['inner'] }, kernel),
        makeNode('BatchNormalization', { input: ['inner', ...parameters], output: ['body'] }),
      ],
    }),
  });
}
