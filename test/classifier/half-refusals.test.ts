import { create } from '@bufbuild/protobuf';
import { FunctionProtoSchema, TensorProto_DataType } from 'onnx-buf';
import type { ModelProto } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { convertToHalf } from '../../certification/classifier/half/convert-to-half.ts';
import { fuseModel } from '../../certification/classifier/graph/fuse-model.ts';
import { inspectModel } from '../../certification/classifier/graph/inspect-model.ts';
import { decodeModel, encodeModel, makeNode, makeValueInfo } from '../../certification/classifier/graph/onnx.ts';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { cnnModel, tinyCnn } from '../models/cnn-model.ts';
import { elementwiseModel } from '../models/elementwise-model.ts';
import { convolution, layersModel } from '../models/layers-model.ts';
import { fitModel, unfitModels } from '../models/unfit-models.ts';

const { FLOAT16, FLOAT } = TensorProto_DataType;

const fit = cnnModel({ shape: [3, 8, 8], convolutions: tinyCnn });

function changed(change: (model: ModelProto) => void, bytes = fit): Uint8Array {
  const model = decodeModel(bytes);
  change(model);
  return encodeModel(model);
}

function fused(): Uint8Array {
  const description = inspectModel(fit);
  return fuseModel(fit, { description, stepsPerUnit: 255, elementType: 'int16', batchSize: 4 });
}

const throughHalves = layersModel({ channels: 6 }, (layers, input) => {
  const half = layers.node('Cast', [convolution(layers, input, [6, 3])], { to: BigInt(FLOAT16) });
  return layers.node('Cast', [half], { to: BigInt(FLOAT) });
});

const quantised = layersModel({ channels: 6 }, (layers, input) => {
  const scale = layers.constant([], Float32Array.of(0.1));
  const whole = layers.node('QuantizeLinear', [convolution(layers, input, [6, 3]), scale]);
  return layers.node('DequantizeLinear', [whole, scale]);
});

/** A node of a domain that only the runtime knows. */
function foreign(declared: boolean): Uint8Array {
  return changed(({ graph, opsetImport }) => {
    opsetImport.push(Object.assign(structuredClone(opsetImport[0]), { domain: 'com.microsoft', version: 1n }));
    const relu = graph?.node.find(({ opType }) => opType === 'Relu');
    if (relu !== undefined) Object.assign(relu, { opType: 'QuickGelu', domain: 'com.microsoft' });
    if (declared) graph?.valueInfo.push(makeValueInfo(relu?.output[0] ?? '', FLOAT, ['N', 4, 4, 4]));
  });
}

const refused: readonly { what: string; bytes: Uint8Array; says: RegExp }[] = [
  {
    what: 'a model that is half already',
    bytes: convertToHalf(fit).bytes,
    says: /half precision already, in whole or in part \('conv0\.weight'\)/,
  },
  {
    what: 'a model that takes halves',
    bytes: changed(({ graph }) => {
      if (graph !== undefined) graph.input = [makeValueInfo('input', FLOAT16, ['N', 3, 8, 8])];
    }),
    says: /half precision already.*'input'/,
  },
  { what: 'a model that casts to halves', bytes: throughHalves, says: /half precision already.*'Cast_1'/ },
  { what: 'a quantised model', bytes: quantised, says: /is quantised \(QuantizeLinear 'QuantizeLinear_1'\)/ },
  { what: 'a fused model', bytes: fused(), says: /takes int16/ },
  {
    what: 'a model of local functions',
    bytes: changed((model) => {
      model.functions = [
        create(FunctionProtoSchema, {
          domain: 'pkg.torch',
          name: 'Conv2d',
          input: ['x'],
          output: ['y'],
          node: [makeNode('Relu', { input: ['x'], output: ['y'] })],
        }),
      ];
    }),
    says: /local functions \('pkg\.torch\.Conv2d'\)/,
  },
  {
    what: 'a model with an output of no known type',
    bytes: foreign(false),
    says: /what type 'conv0\.relu' has.*QuickGelu/,
  },
  { what: 'a model of one layer', bytes: fitModel(), says: /nothing to gain from half precision/ },
  {
    what: 'a model without layers',
    bytes: elementwiseModel({ classes: 3, operator: 'Softmax' }),
    says: /nothing to gain from half precision/,
  },
  ...unfitModels,
];

describe('convertToHalf', () => {
  it.each(refused)('refuses $what in one sentence', ({ bytes, says }) => {
    let found: unknown;
    try {
      convertToHalf(bytes, { name: 'm.onnx' });
    } catch (error) {
      found = error;
    }
    expect(found).toBeInstanceOf(PerimeterError);
    const { code, message } = found as PerimeterError;
    expect(code).toBe('InvalidModel');
    expect(message).toMatch(says);
    expect(message).toMatch(/^m\.onnx [^\n]+\.$/);
  });

  it('leaves an operator of another domain in float32 where the graph says what it makes', () => {
    const { kept } = convertToHalf(foreign(true));
    expect(kept.map(({ operator }) => operator)).toContain('com.microsoft.QuickGelu');
  });
});
