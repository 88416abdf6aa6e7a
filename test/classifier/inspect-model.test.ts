import { TensorProto_DataType } from 'onnx-buf';
import { describe, expect, test } from 'vitest';
import { inspectModel } from '../../certification/classifier/graph/inspect-model.ts';
import { decodeModel, encodeModel, makeNode, makeValueInfo } from '../../certification/classifier/graph/onnx.ts';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { buildModel } from '../models/build-model.ts';
import { cnnModel, tinyCnn } from '../models/cnn-model.ts';
import { conditionalModel } from '../models/conditional-model.ts';
import { elementwiseModel } from '../models/elementwise-model.ts';
import { fitModel, unfitModels } from '../models/unfit-models.ts';

const { FLOAT } = TensorProto_DataType;

function refusalOf(inspect: () => unknown): PerimeterError {
  try {
    inspect();
  } catch (error) {
    if (error instanceof PerimeterError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

describe('inspectModel', () => {
  test('describes a classifier of images', () => {
    expect(inspectModel(cnnModel())).toEqual({
      input: { name: 'input', type: 'float32', dims: ['N', 3, 32, 32] },
      output: { name: 'logits', type: 'float32', dims: ['N', 10] },
      layout: 'NCHW',
      shape: [3, 32, 32],
      batch: null,
      classes: 10,
      endsWithSoftmax: false,
      opset: 17,
      irVersion: 8,
      producer: 'perimeter-test',
      parameters: 288_298,
      nodes: 15,
      operators: { Conv: 6, Flatten: 1, Gemm: 1, GlobalAveragePool: 1, Relu: 6 },
    });
  });

  test('describes a classifier of features, and a fixed batch', () => {
    const description = inspectModel(elementwiseModel({ classes: 7, operator: 'Identity', batch: 16 }));
    expect(description).toMatchObject({ layout: 'features', shape: [7], batch: 16, classes: 7 });
  });

  test.each([
    { dims: [3, 32, 48], layout: 'NCHW', shape: [3, 32, 48] },
    { dims: [1, 28, 28], layout: 'NCHW', shape: [1, 28, 28] },
    { dims: [32, 48, 3], layout: 'NHWC', shape: [3, 32, 48] },
    { dims: [28, 28, 1], layout: 'NHWC', shape: [1, 28, 28] },
    { dims: [3, 3, 3], layout: 'NCHW', shape: [3, 3, 3] },
    { dims: [4, 32, 32], layout: 'NCHW', shape: [4, 32, 32] },
  ])('takes images of $dims for $layout', ({ dims, layout, shape }) => {
    const nodes = [makeNode('Flatten', { input: ['input'], output: ['logits'] })];
    const bytes = buildModel({ shape: dims, classes: dims.reduce((a, b) => a * b), nodes });
    expect(inspectModel(bytes)).toMatchObject({ layout, shape });
  });

  test('takes the layout it is given over its own guess', () => {
    const nodes = [makeNode('Flatten', { input: ['input'], output: ['logits'] })];
    const bytes = buildModel({ shape: [32, 48, 4], classes: 6144, nodes });
    expect(inspectModel(bytes, { layout: 'NHWC' })).toMatchObject({ layout: 'NHWC', shape: [4, 32, 48] });
  });

  test('finds the classes of an output with trailing axes of size 1', () => {
    const nodes = [makeNode('GlobalAveragePool', { input: ['input'], output: ['logits'] })];
    const outputs = [makeValueInfo('logits', FLOAT, ['N', 3, 1, 1])];
    expect(inspectModel(buildModel({ shape: [3, 8, 8], classes: 3, nodes, outputs })).classes).toBe(3);
  });

  test('sees a Softmax at the end, but not one over another axis', () => {
    expect(inspectModel(cnnModel({ convolutions: tinyCnn, endsWithSoftmax: true })).endsWithSoftmax).toBe(true);
    expect(inspectModel(elementwiseModel({ classes: 3, operator: 'LogSoftmax' })).endsWithSoftmax).toBe(true);
    const overBatch = makeNode('Softmax', { input: ['input'], output: ['logits'] }, { axis: 0n });
    expect(inspectModel(buildModel({ shape: [3], classes: 3, nodes: [overBatch] })).endsWithSoftmax).toBe(false);
  });

  test('reads the output it is told to', () => {
    const bytes = buildModel({
      shape: [4],
      classes: 4,
      nodes: [
        makeNode('Identity', { input: ['input'], output: ['logits'] }),
        makeNode('Identity', { input: ['input'], output: ['features'] }),
      ],
      outputs: ['logits', 'features'].map((name) => makeValueInfo(name, FLOAT, ['N', 4])),
    });
    expect(inspectModel(bytes, { output: 'features' }).output.name).toBe('features');
    const { message } = refusalOf(() => inspectModel(bytes, { output: 'scores' }));
    expect(message).toContain("no output 'scores': its outputs are 'logits', 'features'");
  });

  test('counts the operators inside If too', () => {
    const { operators } = inspectModel(conditionalModel({ classes: 3, batch: 1, negated: true }));
    expect(operators).toMatchObject({ If: 1, Neg: 1, Identity: 1 });
  });

  test('does not count initializers that are listed as inputs', () => {
    const model = decodeModel(fitModel());
    model.graph?.input.push(makeValueInfo('weights', FLOAT, [2, 4]), makeValueInfo('bias', FLOAT, [2]));
    expect(inspectModel(encodeModel(model), { input: 'input' }).input.name).toBe('input');
    expect(refusalOf(() => inspectModel(fitModel(), { input: 'image' })).message).toContain("its input is 'input'");
  });

  test.each(unfitModels)('refuses $what in one sentence that names the file', ({ bytes, says }) => {
    const { code, message } = refusalOf(() => inspectModel(bytes, { name: 'm.onnx' }));
    expect(code).toBe('InvalidModel');
    expect(message).toMatch(says);
    expect(message).toMatch(/^m\.onnx [^\n]+\.$/);
  });

  test('never fails but by a refusal, wherever a model is cut off', () => {
    const bytes = fitModel();
    for (let length = 0; length < bytes.length; length++) {
      expect(refusalOf(() => inspectModel(bytes.subarray(0, length))).code).toBe('InvalidModel');
    }
  });
});
