import { create } from '@bufbuild/protobuf';
import { OperatorSetIdProtoSchema, StringStringEntryProtoSchema, TensorAnnotationSchema } from 'onnx-buf';
import { Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { inspectModel } from '../../certification/classifier/graph/inspect-model.ts';
import { decodeModel, makeNode, makeTensor, makeValueInfo } from '../../certification/classifier/graph/onnx.ts';
import type { Dimension } from '../../certification/classifier/graph/onnx.ts';
import { renameTensors } from '../../certification/classifier/graph/rename-tensors.ts';
import { buildModel } from '../models/build-model.ts';
import { conditionalModel } from '../models/conditional-model.ts';
import { denoiserModel } from '../models/denoiser-model.ts';
import { elementwiseModel } from '../models/elementwise-model.ts';
import { linearModel } from '../models/linear-model.ts';
import { unfitModels } from '../models/unfit-models.ts';
import { runLocally, writeInputs } from '../support/run-locally.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { inRows, randomLattice, runFused, topClassOf } from './run-fused.ts';

import {
  FLOAT,
  FLOAT16,
  shape,
  stack,
  tinyClassifier,
  changed,
  apply,
  expectComposition,
  refusalOf,
} from './stacked.ts';

describe('stackModels', () => {
  /** Images to images, under names that the tests of shapes don't care about. */
  const images = (dims: { input: Dimension[]; output: Dimension[] }) => denoiserModel({ dims });

  test('takes the one batch size that is fixed, and the name of a free one', () => {
    const batchOf = (denoiser: Dimension, classifier: Dimension) => {
      const {
        input: given,
        output,
        batch,
      } = inspectModel(stack(denoiserModel({ batch: denoiser }), tinyClassifier({ batch: classifier })));
      return [given.dims[0], output.dims[0], batch];
    };
    expect(batchOf(4, 'N')).toEqual([4, 4, 4]);
    expect(batchOf('N', 4)).toEqual([4, 4, 4]);
    expect(batchOf(-1, 4)).toEqual([4, 4, 4]);
    expect(batchOf(4, 4)).toEqual([4, 4, 4]);
    expect(batchOf('B', 'N')).toEqual(['B', 'B', null]);
    expect(batchOf(-1, -1)).toEqual(['?', '?', null]);
    expect(refusalOf(denoiserModel({ batch: 4 }), tinyClassifier({ batch: 8 }))).toBe(
      'd.onnx was exported for a batch of 4 and c.onnx for one of 8: export either again with a free batch axis.',
    );
    const giving = images({ input: ['N', ...shape], output: [1, ...shape] });
    expect(inspectModel(stack(giving, tinyClassifier())).batch).toBe(1);
  });

  test("fixes the denoiser's free image size, by its name", async () => {
    const free = images({ input: ['N', 3, 'H', 'W'], output: ['N', 3, 'H', 'W'] });
    const stacked = await expectComposition(free, tinyClassifier(), [2, ...shape]);
    expect(inspectModel(stacked)).toMatchObject({ shape, input: { dims: ['N', ...shape] } });
    expect(refusalOf(images({ input: ['N', 3, 'H', 'W'], output: ['N', 3, 'S', 'S'] }), tinyClassifier())).toBe(
      "d.onnx gives [N, 3, S, S] in output 'denoised', but c.onnx takes [N, 3, 8, 12] in input 'input': expected the same shape.",
    );
    expect(refusalOf(images({ input: ['N', 3, 'H', 'W'], output: ['N', 3, '?', '?'] }), tinyClassifier())).toBe(
      "d.onnx leaves axis 2 of input 'input' free ([N, 3, H, W]): only the batch axis may be; export it with a fixed size.",
    );
  });

  test.each<[Dimension[], RegExp | string]>([
    [
      ['N', 3, 8, 8],
      "gives [N, 3, 8, 8] in output 'denoised', but c.onnx takes [N, 3, 8, 12] in input 'input': expected the same shape.",
    ],
    [['N', 1, 8, 12], 'expected the same shape.'],
    [['N', 3], "gives [N, 3] in output 'denoised', but c.onnx takes [N, 3, 8, 12]"],
    [
      ['N', 8, 12, 3],
      "d.onnx gives [N, 8, 12, 3] in output 'denoised', but c.onnx takes [N, 3, 8, 12] in input 'input': one has the channels first and the other last; export either again with a Transpose.",
    ],
  ])('refuses an image of shape %o', (output, sentence) => {
    expect(refusalOf(images({ input: ['N', ...shape], output }), tinyClassifier())).toContain(sentence);
  });

  test('takes a denoiser of channels-last images before a classifier of channels-first ones, and the reverse', async () => {
    const denoiser = changed(denoiserModel(), ({ graph }) => {
      if (graph === undefined) return;
      renameTensors(graph, new Map([['input', 'turned']]));
      graph.node.unshift(makeNode('Transpose', { input: ['input'], output: ['turned'] }, { perm: [0n, 3n, 1n, 2n] }));
      graph.input = [makeValueInfo('input', FLOAT, ['N', 8, 12, 3])];
    });
    const stacked = await expectComposition(denoiser, tinyClassifier(), [2, 8, 12, 3]);
    expect(inspectModel(stacked)).toMatchObject({ layout: 'NHWC', shape });
    expect(refusalOf(denoiserModel(), tinyClassifier({ layout: 'NHWC' }))).toMatch(/channels first and the other last/);
  });

  test('keeps the names of sizes apart that both models have', async () => {
    const stating = (bytes: Uint8Array, tensor: string, dims: Dimension[]) =>
      changed(bytes, ({ graph }) => graph?.valueInfo.push(makeValueInfo(tensor, FLOAT, dims)));
    const denoiser = stating(denoiserModel(), 'conv0.relu', ['N', 6, 'H', 'W']);
    const classifier = stating(tinyClassifier({ batch: 'B' }), 'conv0.relu', ['B', 'N', 'H', 'V']);
    const { graph } = decodeModel(await expectComposition(denoiser, classifier, [2, ...shape]));
    const stated = graph?.valueInfo.map(({ name, type }) => [
      name,
      type?.value.case === 'tensorType' ? type.value.value.shape?.dim.map(({ value }) => value.value) : undefined,
    ]);
    expect(stated).toEqual([
      ['conv0.relu', ['N', 6n, 'H', 'W']],
      ['denoised', ['N', 3n, 8n, 12n]],
      ['classifier_conv0.relu', ['N', 'classifier_N', 'classifier_H', 'V']],
    ]);
  });

  test('carries annotations and metadata under the names of the stack', () => {
    const entry = (key: string, value: string) => create(StringStringEntryProtoSchema, { key, value });
    const noted = (bytes: Uint8Array, author: string) =>
      changed(bytes, (model) => {
        model.metadataProps = [entry('author', author), entry('licence', 'MIT')];
        for (const tensorName of ['input', 'conv0']) {
          const quantParameterTensorNames = [entry('SCALE_TENSOR', 'conv0.bias')];
          model.graph?.quantizationAnnotation.push(
            create(TensorAnnotationSchema, { tensorName, quantParameterTensorNames }),
          );
        }
      });
    const { graph, metadataProps } = decodeModel(stack(noted(denoiserModel(), 'A'), noted(tinyClassifier(), 'B')));
    const annotations = graph?.quantizationAnnotation.map(({ tensorName, quantParameterTensorNames }) => [
      tensorName,
      quantParameterTensorNames[0].value,
    ]);
    expect(annotations).toEqual([
      ['input', 'conv0.bias'],
      ['conv0', 'conv0.bias'],
      ['denoised', 'classifier_conv0.bias'],
      ['classifier_conv0', 'classifier_conv0.bias'],
    ]);
    expect(metadataProps.map(({ key, value }) => [key, value])).toEqual([
      ['author', 'A'],
      ['licence', 'MIT'],
      ['classifier_author', 'B'],
    ]);
  });

  test('refuses two opsets, and two versions of another set, but not of one that only one model uses', () => {
    expect(refusalOf(denoiserModel({ opset: 17 }), tinyClassifier({ opset: 18 }))).toBe(
      'd.onnx uses opset 17 and c.onnx uses opset 18, but one model has one: export either again with the opset of the other (opset_version in PyTorch).',
    );
    const of = (version: bigint, domain = 'ai.onnx.ml') => create(OperatorSetIdProtoSchema, { domain, version });
    const importing = (version: bigint, used = false) =>
      changed(elementwiseModel({ classes: 3, operator: 'Identity' }), ({ opsetImport, graph }) => {
        opsetImport.push(of(version));
        if (used) Object.assign(graph?.node[0] ?? {}, { domain: 'ai.onnx.ml', opType: 'Normalizer' });
      });
    expect(refusalOf(importing(2n, true), importing(3n, true))).toBe(
      "d.onnx uses version 2 of the operators 'ai.onnx.ml' and c.onnx uses version 3 of the operators 'ai.onnx.ml', but one model has one: export either again with the version of the other.",
    );
    const versions = (bytes: Uint8Array) =>
      decodeModel(bytes).opsetImport.map(({ domain, version }) => [domain, version]);
    const standard = ['', 17n];
    expect(versions(stack(importing(2n, true), importing(3n)))).toEqual([standard, ['ai.onnx.ml', 2n]]);
    expect(versions(stack(importing(2n), importing(3n, true)))).toEqual([standard, ['ai.onnx.ml', 3n]]);
    const alias = changed(tinyClassifier(), (model) => (model.opsetImport = [of(17n, 'ai.onnx')]));
    expect(versions(stack(denoiserModel(), alias))).toEqual([standard]);
  });

  test('refuses half precision where they meet, and takes it elsewhere', () => {
    const half = (end: 'input' | 'output') =>
      changed(elementwiseModel({ classes: 3, operator: 'Identity' }), ({ graph }) => {
        if (graph !== undefined) graph[end] = [makeValueInfo(end === 'input' ? 'input' : 'logits', FLOAT16, ['N', 3])];
      });
    const single = elementwiseModel({ classes: 3, operator: 'Identity' });
    const says = (given: string, taken: string) =>
      `d.onnx gives ${given} in output 'logits' and c.onnx takes ${taken} in input 'input': only float32 can be handed on; export both with it.`;
    expect(refusalOf(half('output'), single)).toBe(says('float16', 'float32'));
    expect(refusalOf(single, half('input'))).toBe(says('float32', 'float16'));
    expect(inspectModel(stack(half('input'), half('output')))).toMatchObject({
      input: { type: 'float16' },
      output: { type: 'float16' },
    });
  });

  test.each(unfitModels)('refuses $what as a classifier in its own name', ({ bytes, says }) => {
    const sentence = refusalOf(elementwiseModel({ classes: 4, operator: 'Identity' }), bytes);
    expect(sentence).toMatch(says);
    expect(sentence).toMatch(/^c\.onnx [^\n]+\.$/);
  });

  test.each(unfitModels.filter(({ what }) => !/class|output of|ZipMap/.test(what)))(
    'refuses $what as a denoiser in its own name',
    ({ bytes }) => {
      expect(refusalOf(bytes, elementwiseModel({ classes: 4, operator: 'Identity' }))).toMatch(/^d\.onnx [^\n]+\.$/);
    },
  );

  test('gives the same bytes for the same models, and leaves theirs as they are', () => {
    const [denoiser, classifier] = [denoiserModel(), tinyClassifier()];
    const before = [denoiser.slice(), classifier.slice()];
    expect(stack(denoiser, classifier)).toEqual(stack(denoiser, classifier));
    expect([denoiser, classifier]).toEqual(before);
  });

  test('takes the later IR version', () => {
    const versionOf = (denoiser: number, classifier: number) =>
      inspectModel(stack(denoiserModel({ irVersion: denoiser }), tinyClassifier({ irVersion: classifier }))).irVersion;
    expect([versionOf(8, 9), versionOf(9, 8)]).toEqual([9, 9]);
  });

  test('makes a model that is fused like any other', async () => {
    const rows = randomLattice(20, 288);
    const [denoiser, classifier] = [denoiserModel(), tinyClassifier({ endsWithSoftmax: true })];
    const stacked = stack(denoiser, classifier);
    expect(inspectModel(stacked).endsWithSoftmax).toBe(true);
    const fused = await runFused(stacked, rows);
    const x = new Tensor(
      'float32',
      Float32Array.from(rows.flat(), (k) => k / 255),
      [20, ...shape],
    );
    const bare = inRows(await apply(tinyClassifier(), await apply(denoiser, x)), 10);
    expect(fused.logits).toEqual(bare);
    expect(fused.topClass).toEqual(bare.map(topClassOf));
    expect(new Set(fused.topClass).size).toBeGreaterThan(1);
    const fixed = stack(denoiserModel({ batch: 1 }), classifier);
    expect(await runFused(fixed, rows)).toEqual(fused);
    const conditional = conditionalModel({ classes: 3, batch: 1, negated: true });
    expect(
      (
        await runFused(stack(conditional, conditional), [
          [1, 3, 2],
          [7, 6, 5],
        ])
      ).topClass,
    ).toEqual([1, 0]);
  });

  test('makes a model that is certified like any other', async () => {
    const folder = temporaryFolder();
    const weights = [0, 1, 2].map((at) => Float32Array.from({ length: 16 }, (_, pixel) => (pixel % 3 === at ? 1 : 0)));
    const classifier = linearModel({ shape: [1, 4, 4], weights, bias: [0, 0, 0] });
    const negative = buildModel({
      shape: [1, 4, 4],
      classes: 0,
      outputs: [makeValueInfo('image', FLOAT, ['N', 1, 4, 4])],
      initializers: [makeTensor('bias', [], Float32Array.of(1))],
      nodes: [makeNode('Sub', { input: ['bias', 'input'], output: ['image'] })],
    });
    // Dark where the label says: bright there in the negative.
    const labels = [0, 1, 2, 2, 1];
    const images = labels.map((label) =>
      Uint8Array.from({ length: 16 }, (_, pixel) => (pixel % 3 === label ? 40 : 200)),
    );
    const inputs = writeInputs({ folder, model: stack(negative, classifier), images, labels, shape: [4, 4] });
    const request = { ...inputs, sigma: 0.1, n0: 20, n: 500, out: folder, run: 'stacked' };
    const { certificates } = await runLocally(request, { processes: 1 });
    expect(certificates).toMatchObject(labels.map((label) => ({ status: 'certified', prediction: label, label })));
  });
});
