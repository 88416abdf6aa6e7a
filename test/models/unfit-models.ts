import { create } from '@bufbuild/protobuf';
import {
  FunctionProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TypeProto_SequenceSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import type { NodeProto, ValueInfoProto } from 'onnx-buf';
import {
  decodeModel,
  encodeModel,
  makeNode,
  makeTensor,
  makeValueInfo,
} from '../../certification/classifier/graph/onnx.ts';
import type { Dimension } from '../../certification/classifier/graph/onnx.ts';
import { buildModel } from './build-model.ts';
import { linearModel } from './linear-model.ts';

const { FLOAT, DOUBLE, UINT8, INT64 } = TensorProto_DataType;

/** A well-formed classifier of two classes on four features, to be spoilt. */
export function fitModel(): Uint8Array {
  return linearModel({
    shape: [4],
    weights: [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
    ],
    bias: [0, 0],
  });
}

function identity(options: {
  inputs?: ValueInfoProto[];
  outputs?: ValueInfoProto[];
  nodes?: NodeProto[];
  opset?: number;
}): Uint8Array {
  return buildModel({
    shape: [4],
    classes: 4,
    nodes: [makeNode('Identity', { input: ['input'], output: ['logits'] })],
    ...options,
  });
}

function outputShape(dims: Dimension[]): Uint8Array {
  return identity({ outputs: [makeValueInfo('logits', FLOAT, dims)] });
}

function inputOf(type: TensorProto_DataType, dims: Dimension[]): Uint8Array {
  return identity({ inputs: [makeValueInfo('input', type, dims)] });
}

function withExternalWeights(): Uint8Array {
  const model = decodeModel(fitModel());
  for (const tensor of model.graph?.initializer ?? []) {
    tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
    tensor.externalData = [create(StringStringEntryProtoSchema, { key: 'location', value: '../weights.bin' })];
    tensor.rawData = new Uint8Array();
  }
  return encodeModel(model);
}

function sequenceOf(name: string): ValueInfoProto {
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: 'sequenceType', value: create(TypeProto_SequenceSchema) } }),
  });
}

function withRandomFunction(): Uint8Array {
  const call = Object.assign(makeNode('Blur', { input: ['input'], output: ['logits'] }), { domain: 'local' });
  const model = decodeModel(identity({ nodes: [call] }));
  model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain: 'local', version: 1n }));
  model.functions = [
    create(FunctionProtoSchema, {
      domain: 'local',
      name: 'Blur',
      input: ['x'],
      output: ['y'],
      node: [makeNode('RandomNormalLike', { input: ['x'], output: ['y'] })],
      opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: 17n })],
    }),
  ];
  return encodeModel(model);
}

function withoutOpset(): Uint8Array {
  const model = decodeModel(fitModel());
  model.opsetImport = [];
  return encodeModel(model);
}

/** Files and models that can't be certified, each with what its refusal must say. */
export const unfitModels: readonly { what: string; bytes: Uint8Array; says: RegExp }[] = [
  { what: 'an empty file', bytes: new Uint8Array(), says: /is empty/ },
  { what: 'a web page', bytes: new TextEncoder().encode('<html>404</html>'), says: /not an ONNX model/ },
  { what: 'zeros', bytes: new Uint8Array(100), says: /not an ONNX model/ },
  { what: 'a truncated model', bytes: fitModel().subarray(0, 150), says: /truncated/ },
  { what: 'a model cut off after its graph', bytes: withoutOpset(), says: /truncated/ },
  { what: 'opset 10', bytes: identity({ opset: 10 }), says: /opset 10\b/ },
  {
    what: 'two inputs',
    bytes: identity({ inputs: ['input', 'mask'].map((name) => makeValueInfo(name, FLOAT, ['N', 4])) }),
    says: /2 inputs \('input', 'mask'\)/,
  },
  { what: 'no input', bytes: identity({ inputs: [] }), says: /no input/ },
  { what: 'a float64 input', bytes: inputOf(DOUBLE, ['N', 4]), says: /takes double/ },
  { what: 'a uint8 input', bytes: inputOf(UINT8, ['N', 4]), says: /takes uint8/ },
  { what: 'a free image size', bytes: inputOf(FLOAT, ['N', 3, 'height', 'width']), says: /\[N, 3, height, width\]/ },
  { what: 'a free size without a name', bytes: inputOf(FLOAT, ['N', 3, -1, 32]), says: /\[N, 3, \?, 32\]/ },
  { what: 'an input of rank 3', bytes: inputOf(FLOAT, ['N', 28, 28]), says: /\[N, 28, 28\]/ },
  { what: 'no class axis', bytes: outputShape(['N']), says: /no class axis/ },
  { what: 'a class for each pixel', bytes: outputShape(['N', 4, 32, 32]), says: /no class axis/ },
  { what: 'an unknown class count', bytes: outputShape(['N', 'classes']), says: /how many classes/ },
  { what: 'one class', bytes: outputShape(['N', 1]), says: /one class/ },
  {
    what: 'labels in place of scores',
    bytes: identity({ outputs: [makeValueInfo('logits', INT64, ['N', 4])] }),
    says: /gives int64/,
  },
  {
    what: 'two outputs',
    bytes: identity({ outputs: ['logits', 'input'].map((name) => makeValueInfo(name, FLOAT, ['N', 4])) }),
    says: /2 outputs \('logits', 'input'\)/,
  },
  { what: "scikit-learn's ZipMap", bytes: identity({ outputs: [sequenceOf('output_probability')] }), says: /sequence/ },
  { what: 'weights in another file', bytes: withExternalWeights(), says: /'\.\.\/weights\.bin'/ },
  {
    what: 'random numbers inside',
    bytes: identity({ nodes: [makeNode('RandomNormalLike', { input: ['input'], output: ['logits'] })] }),
    says: /random numbers/,
  },
  { what: 'random numbers inside a local function', bytes: withRandomFunction(), says: /random numbers/ },
  {
    what: 'Dropout in training mode',
    bytes: identity({
      nodes: [
        makeNode('Constant', { input: [], output: ['ratio'] }, { value: makeTensor('', [], Float32Array.of(0.5)) }),
        makeNode('Constant', { input: [], output: ['training'] }, { value: trueTensor() }),
        makeNode('Dropout', { input: ['input', 'ratio', 'training'], output: ['logits'] }),
      ],
    }),
    says: /training mode/,
  },
];

function trueTensor(): ReturnType<typeof makeTensor> {
  const tensor = makeTensor('', [], Int32Array.of(0));
  tensor.dataType = TensorProto_DataType.BOOL;
  tensor.rawData = Uint8Array.of(1);
  return tensor;
}
