import { create } from '@bufbuild/protobuf';
import {
  FunctionProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  TensorAnnotationSchema,
  TensorProto_DataType,
} from 'onnx-buf';
import type { FunctionProto, ModelProto, NodeProto } from 'onnx-buf';
import { Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { allNodes } from '../../certification/classifier/graph.ts';
import { inspectModel } from '../../certification/classifier/inspect-model.ts';
import { decodeModel, encodeModel, makeNode, makeTensor, makeValueInfo } from '../../certification/classifier/onnx.ts';
import type { Dimension } from '../../certification/classifier/onnx.ts';
import { renameTensors } from '../../certification/classifier/rename-tensors.ts';
import { stackModels, type StackedPart } from '../../certification/classifier/stack-models.ts';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { buildModel } from '../models/build-model.ts';
import type { ModelOptions } from '../models/build-model.ts';
import { cnnModel, tinyCnn } from '../models/cnn-model.ts';
import { conditionalModel } from '../models/conditional-model.ts';
import { denoiserModel } from '../models/denoiser-model.ts';
import { elementwiseModel } from '../models/elementwise-model.ts';
import { linearModel } from '../models/linear-model.ts';
import { random } from '../models/random.ts';
import { runModel } from '../models/run-model.ts';
import { unfitModels } from '../models/unfit-models.ts';
import { runLocally, writeInputs } from '../support/run-locally.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { inRows, randomLattice, runFused, topClassOf } from './run-fused.ts';

const { FLOAT, FLOAT16 } = TensorProto_DataType;

type Example = [number, number, number];
const shape: Example = [3, 8, 12];

function stack(
  denoiser: Uint8Array,
  classifier: Uint8Array,
  names: { denoiser?: Omit<StackedPart, 'bytes'>; classifier?: Omit<StackedPart, 'bytes'> } = {},
): Uint8Array {
  return stackModels({
    denoiser: { bytes: denoiser, name: 'd.onnx', ...names.denoiser },
    classifier: { bytes: classifier, name: 'c.onnx', ...names.classifier },
  });
}

function tinyClassifier(options: Parameters<typeof cnnModel>[0] = {}): Uint8Array {
  return cnnModel({ shape, convolutions: tinyCnn, ...options });
}

function changed(bytes: Uint8Array, change: (model: ModelProto) => void): Uint8Array {
  const model = decodeModel(bytes);
  change(model);
  return encodeModel(model);
}

function input(dims: number[]): Tensor {
  const uniform = random(3);
  const size = dims.reduce((a, b) => a * b);
  return new Tensor(
    'float32',
    Float32Array.from({ length: size }, () => 2 * uniform() - 0.5),
    dims,
  );
}

/** The one output of a model that takes one input. */
async function apply(bytes: Uint8Array, x: Tensor): Promise<Tensor> {
  const { graph } = decodeModel(bytes);
  const outputs = await runModel(bytes, { [graph?.input[0]?.name ?? '']: x });
  return outputs[graph?.output[0]?.name ?? ''];
}

/** Expects of a stack what the two models give one after the other, bit for bit, and not the same of every input. */
async function expectComposition(denoiser: Uint8Array, classifier: Uint8Array, dims: number[]): Promise<Uint8Array> {
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
function refusalOf(...parts: Parameters<typeof stack>): string {
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
function elementwise(
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

describe('stackModels gives what the classifier makes of the denoised image, bit for bit,', () => {
  test.each([11, 17, 21])('of models that call their tensors and nodes alike, opset %i', async (opset) => {
    const version = { opset, irVersion: opset === 21 ? 10 : 8 };
    const classifier = tinyClassifier(version);
    const stacked = await expectComposition(denoiserModel(version), classifier, [5, ...shape]);
    const { graph } = decodeModel(stacked);
    const names = graph?.node.map(({ name }) => name) ?? [];
    expect(new Set(names).size).toBe(names.length);
    // No more is renamed than has to be.
    expect(graph?.initializer.map(({ name }) => name)).toEqual([
      ...['conv0.weight', 'conv0.bias', 'conv1.weight', 'conv1.bias'],
      ...['conv0.weight', 'conv0.bias', 'conv1.weight', 'conv1.bias'].map((name) => `classifier_${name}`),
      ...['linear.weight', 'linear.bias'],
    ]);
    expect(inspectModel(stacked)).toMatchObject({
      input: { name: 'input', dims: ['N', ...shape] },
      output: { name: 'logits', dims: ['N', 10] },
      layout: 'NCHW',
      batch: null,
      ...version,
    });
    expect(inspectModel(stacked).nodes).toBe(4 + inspectModel(classifier).nodes);
  });

  test.each(['logits', 'mean', 'linear.weight', 'input', 'conv0'])(
    "where the classifier uses the name of the denoiser's output, %s",
    async (name) => {
      const denoiser = changed(denoiserModel({ output: 'y' }), ({ graph }) => {
        if (graph !== undefined)
          renameTensors(
            graph,
            new Map([
              [name, 'first'],
              ['y', name],
            ]),
          );
      });
      await expectComposition(denoiser, tinyClassifier(), [4, ...shape]);
    },
  );

  test('of one model stacked on itself', async () => {
    const model = elementwise([
      makeNode('Sin', { input: ['input'], output: ['inner'] }),
      makeNode('Exp', { input: ['inner'], output: ['logits'] }),
    ]);
    const stacked = await expectComposition(model, model, [4, 3]);
    await expectComposition(stacked, model, [4, 3]);
    await expectComposition(model, stacked, [4, 3]);
  });

  test('where a name with the prefix is taken too', async () => {
    const denoiser = elementwise([
      makeNode('Sin', { input: ['input'], output: ['classifier_inner'] }),
      makeNode('Exp', { input: ['classifier_inner'], output: ['inner'] }),
      makeNode('Neg', { input: ['inner'], output: ['logits'] }),
    ]);
    const classifier = elementwise([
      makeNode('Exp', { input: ['input'], output: ['inner'] }),
      makeNode('Sin', { input: ['inner'], output: ['classifier_classifier_inner'] }),
      makeNode('Neg', { input: ['classifier_classifier_inner'], output: ['logits'] }),
    ]);
    await expectComposition(denoiser, classifier, [4, 3]);
  });

  test('where either hands its input straight on', async () => {
    const aside = makeNode('Sin', { input: ['input'], output: ['aside'] });
    const nothing = elementwise([aside], { output: 'input' });
    const sine = elementwise([makeNode('Sin', { input: ['input'], output: ['logits'] })]);
    await expectComposition(nothing, sine, [4, 3]);
    await expectComposition(sine, nothing, [4, 3]);
  });

  test.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])('where bodies of If capture tensors of the same names (%s, %s)', async (first, second) => {
    const [denoiser, classifier] = [first, second].map((negated) =>
      conditionalModel({ classes: 3, batch: 2, negated }),
    );
    const stacked = await expectComposition(denoiser, classifier, [2, 3]);
    const x = input([2, 3]);
    const sign = first === second ? 1 : -1;
    expect((await apply(stacked, x)).data).toEqual((x.data as Float32Array).map((value) => sign * value));
    expect(inspectModel(stacked)).toMatchObject({ batch: 2, operators: { If: 2, Neg: 2 } });
  });

  test('where the body of an If captures the image itself, by a name that the denoiser uses', async () => {
    const classifier = conditionalModel({ classes: 3, batch: 2, negated: true, input: 'inner' });
    const denoiser = elementwise(
      [
        makeNode('Sin', { input: ['input'], output: ['inner'] }),
        makeNode('Exp', { input: ['inner'], output: ['one'] }),
      ],
      { output: 'one' },
    );
    await expectComposition(denoiser, classifier, [2, 3]);
  });

  test('with the weights listed as inputs, as IR versions before 4 demand', async () => {
    const listed = (bytes: Uint8Array) =>
      changed(bytes, ({ graph }) => {
        for (const { name, dims } of graph?.initializer ?? []) {
          graph?.input.push(makeValueInfo(name, FLOAT, dims.map(Number)));
        }
      });
    const version = { opset: 11, irVersion: 3 };
    const stacked = await expectComposition(listed(denoiserModel(version)), listed(tinyClassifier(version)), [
      2,
      ...shape,
    ]);
    expect(inspectModel(stacked)).toMatchObject({ irVersion: 3, input: { name: 'input' } });
    await expectComposition(listed(denoiserModel(version)), tinyClassifier({ opset: 11 }), [2, ...shape]);
  });

  test('of the outputs that are named, where there are several', async () => {
    const several = elementwise([
      makeNode('Sin', { input: ['input'], output: ['sine'] }),
      makeNode('Exp', { input: ['sine'], output: ['logits'] }),
    ]);
    const both = changed(several, ({ graph }) => graph?.output.push(makeValueInfo('sine', FLOAT, ['N', 3])));
    expect(() => stack(both, several)).toThrow(
      "d.onnx has 2 outputs ('logits', 'sine'): name the one with the denoised image.",
    );
    expect(() => stack(several, both)).toThrow(
      "c.onnx has 2 outputs ('logits', 'sine'): name the one with a value a class.",
    );
    const x = input([4, 3]);
    const sine = (tensor: Tensor) => runModel(both, { input: tensor }).then((outputs) => outputs.sine);
    const names = { denoiser: { output: 'sine' }, classifier: { output: 'sine' } };
    expect((await apply(stack(both, both, names), x)).data).toEqual((await sine(await sine(x))).data);
    expect(() => stack(several, several, { denoiser: { input: 'x' } })).toThrow(
      "d.onnx has no input 'x': its input is 'input'.",
    );
    expect(() => stack(several, several, { classifier: { input: 'x' } })).toThrow(
      "c.onnx has no input 'x': its input is 'input'.",
    );
  });
});

describe('stackModels keeps the local functions of both models:', () => {
  const local = (name: string, operators: [domain: string, opType: string][], domain = 'local'): FunctionProto =>
    create(FunctionProtoSchema, {
      domain,
      name,
      input: ['x'],
      output: [`y${operators.length}`],
      node: operators.map(([of, opType], at) => {
        const node = makeNode(opType, { input: [at === 0 ? 'x' : `y${at}`], output: [`y${at + 1}`] });
        return Object.assign(node, { domain: of });
      }),
      opsetImport: ['', 'local', 'com.microsoft'].map((of) =>
        create(OperatorSetIdProtoSchema, { domain: of, version: of === '' ? 17n : 1n }),
      ),
    });
  /** Of one node, with functions beside it. */
  const calling = (domain: string, opType: string, functions: FunctionProto[]): Uint8Array =>
    changed(
      elementwise([Object.assign(makeNode(opType, { input: ['input'], output: ['logits'] }), { domain })]),
      (model) => {
        model.functions = functions;
        for (const of of ['local', 'com.microsoft']) {
          model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain: of, version: 1n }));
        }
      },
    );
  const functionNames = (bytes: Uint8Array) => decodeModel(bytes).functions.map(({ name }) => name);

  test('two of one name that differ', async () => {
    const denoiser = calling('local', 'Act', [local('Act', [['', 'Sin']])]);
    const classifier = calling('local', 'Act', [local('Act', [['', 'Exp']])]);
    expect(functionNames(await expectComposition(denoiser, classifier, [4, 3]))).toEqual(['Act', 'classifier_Act']);
  });

  test('one where both are the same', async () => {
    const model = calling('local', 'Act', [local('Act', [['', 'Sin']])]);
    expect(functionNames(await expectComposition(model, model, [4, 3]))).toEqual(['Act']);
  });

  test('two that are the same but call others that differ', async () => {
    const [denoiser, classifier] = ['Sin', 'Exp'].map((operator) =>
      calling('local', 'Act', [
        local('Inner', [['', operator]]),
        local('Act', [
          ['local', 'Inner'],
          ['', 'Neg'],
        ]),
      ]),
    );
    const stacked = await expectComposition(denoiser, classifier, [4, 3]);
    expect(functionNames(stacked)).toEqual(['Inner', 'Act', 'classifier_Inner', 'classifier_Act']);
  });

  test('but refuses those that the runtime may take for an operator', () => {
    const own = (operator: string) =>
      calling('com.microsoft', 'Gelu', [local('Gelu', [['', operator]], 'com.microsoft')]);
    const operator = calling('com.microsoft', 'Gelu', []);
    expect(refusalOf(own('Sin'), operator)).toBe(
      "d.onnx has a local function 'com.microsoft.Gelu', which is the name of an operator in c.onnx: export it again without that function.",
    );
    expect(refusalOf(operator, own('Sin'))).toBe(
      "c.onnx has a local function 'com.microsoft.Gelu', which is the name of an operator in d.onnx: export it again without that function.",
    );
    expect(refusalOf(own('Sin'), own('Exp'))).toBe(
      "d.onnx and c.onnx have different local functions 'com.microsoft.Gelu', in a domain of the runtime's own operators: export either again without it.",
    );
    expect(functionNames(stack(own('Sin'), own('Sin')))).toEqual(['Gelu']);
  });

  test('those that the body of an If calls', () => {
    const inBody = (operator: string) =>
      changed(conditionalModel({ classes: 3, batch: 2, negated: true }), (model) => {
        model.functions = [local('Act', [['', operator]])];
        model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain: 'local', version: 1n }));
        for (const node of model.graph === undefined ? [] : allNodes(model.graph)) {
          if (node.opType === 'Neg') Object.assign(node, { opType: 'Act', domain: 'local' });
        }
      });
    return expectComposition(inBody('Sin'), inBody('Exp'), [2, 3]);
  });
});

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
