import { WireType } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';
import { TensorProto_DataType } from 'onnx-buf';
import { Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { fuseModel } from '../../certification/classifier/graph/fuse-model.ts';
import { subgraphs } from '../../certification/classifier/graph/graph.ts';
import { inspectModel } from '../../certification/classifier/graph/inspect-model.ts';
import {
  decodeModel,
  encodeModel,
  makeNode,
  makeTensor,
  makeValueInfo,
} from '../../certification/classifier/graph/onnx.ts';
import { buildModel } from '../models/build-model.ts';
import { cnnModel, tinyCnn } from '../models/cnn-model.ts';
import { conditionalModel } from '../models/conditional-model.ts';
import { elementwiseModel } from '../models/elementwise-model.ts';
import { linearModel } from '../models/linear-model.ts';
import { runModel } from '../models/run-model.ts';
import { inRows, randomLattice, runFused, topClassOf } from './run-fused.ts';

const { FLOAT, FLOAT16 } = TensorProto_DataType;

/** Moves an example's channels last. */
function channelsLast(example: number[], channels: number): number[] {
  const places = example.length / channels;
  return example.map((_, index) => example[(index % channels) * places + Math.floor(index / channels)] ?? NaN);
}

describe('fuseModel', () => {
  const versions = [11, 13, 17, 18, 21].flatMap((opset) =>
    (['NCHW', 'NHWC'] as const).map((layout) => ({ opset, layout })),
  );
  test.each(versions)("finds the top class of the bare $layout model's logits, opset $opset", async (version) => {
    const shape: [number, number, number] = [3, 8, 12];
    const bytes = cnnModel({ ...version, shape, convolutions: tinyCnn, irVersion: version.opset === 21 ? 10 : 6 });
    const rows = randomLattice(40, 288);
    const fused = await runFused(bytes, rows);
    const examples = rows.map((row) => (version.layout === 'NHWC' ? channelsLast(row, 3) : row));
    const input = Float32Array.from(examples.flat(), (k) => k / 255);
    const dims = version.layout === 'NHWC' ? [40, 8, 12, 3] : [40, 3, 8, 12];
    const bare = inRows((await runModel(bytes, { input: new Tensor('float32', input, dims) })).logits, 10);
    expect(fused.logits).toEqual(bare);
    expect(fused.topClass).toEqual(bare.map(topClassOf));
    expect(new Set(fused.topClass).size).toBeGreaterThan(1);
  });

  test('hands the model k / 255, correctly rounded, for every lattice value an image can reach', async () => {
    const values = Array.from({ length: 8192 }, (_, index) => index - 4096);
    const { logits } = await runFused(elementwiseModel({ classes: 8192, operator: 'Identity' }), [values]);
    expect(logits[0]).toEqual(values.map((k) => Math.fround(k / 255)));
  });

  test.each([undefined, { mean: [0.5], std: [0.25] }])(
    'rounds as the bare model does before a MatMul (%o)',
    async (normalisation) => {
      const weights = makeTensor('weights', [50, 3], Float32Array.from(randomLattice(1, 150)[0] ?? []));
      const bytes = buildModel({
        shape: [50],
        classes: 3,
        initializers: [weights],
        nodes: [makeNode('MatMul', { input: ['input', 'weights'], output: ['logits'] })],
      });
      const rows = randomLattice(20, 50, 2);
      const { fround } = Math;
      const values = rows.flat().map((k) => fround(k / 255));
      const {
        mean: [mean = NaN],
        std: [std = NaN],
      } = normalisation ?? { mean: [0], std: [1] };
      const input = new Tensor(
        'float32',
        Float32Array.from(values, (x) => fround(x - mean) / std),
        [20, 50],
      );
      const bare = inRows((await runModel(bytes, { input })).logits, 3);
      expect((await runFused(bytes, rows, { normalisation })).logits).toEqual(bare);
    },
  );

  test('takes lattices beyond int16 and any step', async () => {
    const rows = [[-3_000_000, 0, 16_777_217]];
    const options = { elementType: 'int32', stepsPerUnit: 256 / 0.3 } as const;
    const { logits } = await runFused(elementwiseModel({ classes: 3, operator: 'Identity' }), rows, options);
    const step = Math.fround(256 / 0.3);
    expect(logits).toEqual([rows[0]?.map((k) => Math.fround(Math.fround(k) / step))]);
  });

  test.each([11, 18])(
    'lets the lowest of equal classes win, and no class in a row with NaN, opset %i',
    async (opset) => {
      // Log gives NaN for −1, −∞ for 0 and 0 for 1.
      const rows = fc.array(fc.array(fc.integer({ min: -1, max: 4 }), { minLength: 5, maxLength: 5 }), {
        minLength: 64,
        maxLength: 64,
      });
      const bytes = elementwiseModel({ classes: 5, operator: 'Log', opset });
      await fc.assert(
        fc.asyncProperty(rows, async (lattice) => {
          const { topClass, logits } = await runFused(bytes, lattice, { stepsPerUnit: 1 });
          expect(topClass).toEqual(logits.map(topClassOf));
          expect(topClass).toEqual(lattice.map((row) => (row.includes(-1) ? -1 : row.indexOf(Math.max(...row)))));
        }),
        { numRuns: 10 },
      );
    },
  );

  test('orders infinities like any other value', async () => {
    const reciprocal = elementwiseModel({ classes: 3, operator: 'Reciprocal' });
    const rows = [
      [1, 0, 2],
      [1, 0, 0],
      [-1, -2, 5],
    ];
    expect((await runFused(reciprocal, rows)).topClass).toEqual([1, 1, 2]);
    const log = elementwiseModel({ classes: 3, operator: 'Log' });
    expect((await runFused(log, [[0, 0, 0]])).topClass).toEqual([0]);
    expect((await runFused(log, [[0, 0, 1]])).topClass).toEqual([2]);
  });

  test('takes the logits before a Softmax that makes different ones equal', async () => {
    const bytes = elementwiseModel({ classes: 3, operator: 'Softmax' });
    const steps = [1, 2, 0];
    const input = new Tensor(
      'float32',
      Float32Array.from(steps, (k) => k / 1e9),
      [1, 3],
    );
    const probabilities = inRows((await runModel(bytes, { input })).logits, 3)[0] ?? [];
    expect(topClassOf(probabilities)).toBe(0);
    expect(await runFused(bytes, [steps], { stepsPerUnit: 1e9 })).toEqual({
      topClass: [1],
      logits: [steps.map((k) => Math.fround(k / 1e9))],
    });
  });

  test('drops a Softmax and other heads from the graph', () => {
    const bytes = cnnModel({ convolutions: tinyCnn, endsWithSoftmax: true });
    const fused = fuseModel(bytes, {
      description: inspectModel(bytes),
      stepsPerUnit: 255,
      elementType: 'int16',
      batchSize: 2,
    });
    expect(decodeModel(fused).graph?.node.map((node) => node.opType)).not.toContain('Softmax');
  });

  test('normalises each channel in float32 after the division', async () => {
    const pixels = buildModel({
      shape: [3, 1, 1],
      classes: 3,
      outputs: [makeValueInfo('logits', FLOAT, ['N', 3, 1, 1])],
      nodes: [makeNode('Identity', { input: ['input'], output: ['logits'] })],
    });
    const mean = [0.4914, 0.4822, 0.4465];
    const std = [0.2023, 0.1994, 0.201];
    const rows = randomLattice(50, 3);
    const { logits } = await runFused(pixels, rows, { normalisation: { mean, std } });
    const { fround } = Math;
    expect(logits).toEqual(
      rows.map((row) =>
        row.map((k, c) => fround(fround(fround(k / 255) - fround(mean[c] ?? NaN)) / fround(std[c] ?? NaN))),
      ),
    );
  });

  test('normalises an NHWC model by the same channels', async () => {
    const normalisation = { mean: [0.1, 0.5, 0.9], std: [0.2, 0.3, 0.4] };
    const options = { shape: [3, 8, 12] as [number, number, number], convolutions: tinyCnn };
    const rows = randomLattice(8, 288);
    const first = await runFused(cnnModel({ ...options, layout: 'NCHW' }), rows, { normalisation });
    expect(await runFused(cnnModel({ ...options, layout: 'NHWC' }), rows, { normalisation })).toEqual(first);
    expect(await runFused(cnnModel({ ...options, layout: 'NCHW' }), rows)).not.toEqual(first);
  });

  test.each([
    { normalisation: { mean: [0.5, 0.5], std: [1] }, says: /normalisation\.mean has 2 values.*3 channels/ },
    { normalisation: { mean: [0.5], std: [1, 0, 1] }, says: /normalisation\.std holds 0/ },
    { normalisation: { mean: [NaN], std: [1] }, says: /normalisation\.mean holds NaN/ },
  ])('refuses a normalisation that does not fit: $says', ({ normalisation, says }) => {
    const bytes = cnnModel({ convolutions: tinyCnn });
    const description = inspectModel(bytes);
    expect(() =>
      fuseModel(bytes, { description, stepsPerUnit: 255, elementType: 'int16', batchSize: 2, normalisation }),
    ).toThrow(says);
  });

  test('gives a half-precision model half-precision numbers', async () => {
    const bytes = buildModel({
      shape: [3],
      classes: 3,
      inputs: [makeValueInfo('input', FLOAT16, ['N', 3])],
      outputs: [makeValueInfo('logits', FLOAT16, ['N', 3])],
      nodes: [makeNode('Identity', { input: ['input'], output: ['logits'] })],
    });
    // 1 and 1 + 2⁻¹² are the same number in half precision.
    const fused = await runFused(bytes, [[4096, 4097, 8]], { stepsPerUnit: 4096 });
    expect(fused).toEqual({ topClass: [0], logits: [[1, 1, 2 ** -9]] });
  });

  test('runs a model exported for another batch size', async () => {
    const bytes = cnnModel({ shape: [3, 8, 12], convolutions: tinyCnn, batch: 1 });
    const free = cnnModel({ shape: [3, 8, 12], convolutions: tinyCnn });
    const rows = randomLattice(5, 288);
    expect(await runFused(bytes, rows)).toEqual(await runFused(free, rows));
  });

  test('refuses a model with another batch size written into a Reshape', async () => {
    const bytes = buildModel({
      batch: 1,
      shape: [3, 1, 1],
      classes: 3,
      initializers: [makeTensor('target', [2], BigInt64Array.of(1n, -1n))],
      nodes: [makeNode('Reshape', { input: ['input', 'target'], output: ['logits'] })],
    });
    await expect(runFused(bytes, randomLattice(5, 3))).rejects.toThrow(/batch of 1 .*Reshape 'logits' to \[1, -1\]/);
    expect((await runFused(bytes, [[1, 3, 2]])).topClass).toEqual([1]);
  });

  test.each([
    { negated: true, input: 'input' },
    { negated: false, input: 'lattice' },
  ])('lets the bodies of If capture the input: $negated, $input', async ({ negated, input }) => {
    const rows = [
      [1, 3, 2],
      [7, 6, 5],
    ];
    const fused = await runFused(conditionalModel({ classes: 3, batch: 1, negated, input }), rows);
    expect(fused.topClass).toEqual(negated ? [0, 2] : [1, 0]);
  });

  test('accepts initializers listed as inputs, as IR versions before 4 demand', async () => {
    for (const irVersion of [3, 8]) {
      const weights = [
        [1, 0],
        [0, 1],
      ];
      const model = decodeModel(linearModel({ shape: [2], weights, bias: [0, 0], irVersion, opset: 11 }));
      model.graph?.input.push(makeValueInfo('weights', FLOAT, [2, 2]), makeValueInfo('bias', FLOAT, [2]));
      expect((await runFused(encodeModel(model), [[3, 4]])).topClass).toEqual([1]);
    }
  });

  test('gives the same bytes for the same arguments, and keeps fields it does not know', () => {
    const model = decodeModel(cnnModel({ convolutions: tinyCnn }));
    model.$unknown = [{ no: 999, wireType: WireType.Varint, data: Uint8Array.of(42) }];
    const bytes = encodeModel(model);
    const fuse = (): Uint8Array =>
      fuseModel(bytes, { description: inspectModel(bytes), stepsPerUnit: 255, elementType: 'int16', batchSize: 4 });
    expect(fuse()).toEqual(fuse());
    expect(decodeModel(fuse()).$unknown).toEqual([{ no: 999, wireType: WireType.Varint, data: Uint8Array.of(42) }]);
  });

  test('refuses to fuse twice', () => {
    const bytes = elementwiseModel({ classes: 3, operator: 'Identity' });
    const options = { stepsPerUnit: 255, elementType: 'int16', batchSize: 4 } as const;
    const description = inspectModel(bytes);
    const fused = fuseModel(bytes, { ...options, description });
    expect(() => fuseModel(fused, { ...options, description })).toThrow(/fused by Perimeter already/);
  });

  test('drops inner shapes stated for another batch size', () => {
    const bytes = conditionalModel({ classes: 3, batch: 1, negated: true });
    const model = decodeModel(bytes);
    model.graph?.valueInfo.push(makeValueInfo('least', FLOAT, [1, 3]));
    const fused = fuseModel(encodeModel(model), {
      description: inspectModel(bytes),
      stepsPerUnit: 255,
      elementType: 'int16',
      batchSize: 2,
    });
    const { graph } = decodeModel(fused);
    expect(graph?.valueInfo).toEqual([]);
    const bodies = graph?.node.flatMap(subgraphs) ?? [];
    expect(bodies).toHaveLength(2);
    for (const body of bodies) {
      expect(body.valueInfo).toEqual([]);
      expect(body.output[0]?.type?.value).not.toHaveProperty('value.shape');
    }
  });

  test('runs a model that calls its own tensors lattice, top_class and logits', async () => {
    const bytes = buildModel({
      shape: [3],
      classes: 3,
      inputs: [makeValueInfo('lattice', FLOAT, ['N', 3])],
      outputs: [makeValueInfo('top_class', FLOAT, ['N', 3])],
      nodes: [
        makeNode('Neg', { input: ['lattice'], output: ['logits'] }),
        makeNode('Identity', { input: ['logits'], output: ['top_class'] }),
      ],
    });
    expect((await runFused(bytes, [[3, 1, 2]])).topClass).toEqual([1]);
  });
});
