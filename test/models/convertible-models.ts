import { create } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  TensorProto_DataType,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import type { AttributeProto } from 'onnx-buf';
import { stackModels } from '../../certification/classifier/graph/stack-models.ts';
import { decodeModel, encodeModel, makeNode, makeValueInfo } from '../../certification/classifier/graph/onnx.ts';
import { cnnModel, tinyCnn } from './cnn-model.ts';
import { denoiserModel } from './denoiser-model.ts';
import { batchNorm, convolution, layersModel } from './layers-model.ts';
import type { Layers } from './layers-model.ts';

const { FLOAT, INT64 } = TensorProto_DataType;
const int64 = (...values: number[]) => BigInt64Array.from(values.map(BigInt));

/** `value · x` of a captured tensor, as the body of an If. */
function scaling(name: string, captured: string, value: string): AttributeProto {
  return create(AttributeProtoSchema, {
    name,
    type: AttributeProto_AttributeType.GRAPH,
    g: create(GraphProtoSchema, {
      name,
      node: [makeNode('Mul', { input: [captured, value], output: [`${name}_out`] })],
      output: [makeValueInfo(`${name}_out`, FLOAT, ['N', 6, 8, 8])],
    }),
  });
}

/** LayerNormalization over the last axis, in the single operators that exporters wrote before opset 17. */
function layerNorm({ node, constant }: Layers, input: string): string {
  const centred = node('Sub', [input, node('ReduceMean', [input], { axes: [-1n] })]);
  const squares = node('Pow', [centred, constant([], Float32Array.of(2))]);
  const variance = node('Add', [node('ReduceMean', [squares], { axes: [-1n] }), constant([], Float32Array.of(1e-5))]);
  return node('Div', [centred, node('Sqrt', [variance])]);
}

/** Attention of one head over the places of an image, with a linear layer of GELUs behind. */
function transformer(layers: Layers, input: string): string {
  const { node, weights, constant } = layers;
  const half = constant([], Float32Array.of(0.5));
  const one = constant([], Float32Array.of(1));
  const patches = node('Conv', [input, weights([6, 3, 2, 2])], { strides: [2n, 2n] });
  const places = node('Transpose', [node('Reshape', [patches, constant([3], int64(0, 6, 16))])], {
    perm: [0n, 2n, 1n],
  });
  const [query, key, value] = [0, 1, 2].map(() => node('MatMul', [layerNorm(layers, places), weights([6, 6])]));
  const scores = node('MatMul', [query, node('Transpose', [key], { perm: [0n, 2n, 1n] })]);
  // What masks a place out, in float32: no half is as small.
  const mask = constant(
    [1, 16, 1],
    Int32Array.from({ length: 16 }, (_, at) => at % 5),
  );
  const masked = node('Where', [
    node('Cast', [mask], { to: BigInt(TensorProto_DataType.BOOL) }),
    scores,
    constant([], Float32Array.of(-1e9)),
  ]);
  const attended = node('Add', [places, node('MatMul', [node('Softmax', [masked], { axis: -1n }), value])]);
  const wide = node('MatMul', [layerNorm(layers, attended), weights([6, 6])]);
  const gelu = node('Mul', [node('Mul', [wide, half]), node('Add', [node('Erf', [wide]), one])]);
  const back = node('Transpose', [node('Add', [attended, gelu])], { perm: [0n, 2n, 1n] });
  return node('Reshape', [back, constant([4], int64(0, 6, 4, 4))]);
}

function withConstantNodes(layers: Layers, input: string): string {
  const { node, withAttributes } = layers;
  const scale = node('Constant', []);
  withAttributes(scale, [
    create(AttributeProtoSchema, { name: 'value_float', type: AttributeProto_AttributeType.FLOAT, f: 1.5 }),
  ]);
  const shifts = node('Constant', []);
  withAttributes(shifts, [
    create(AttributeProtoSchema, {
      name: 'value_floats',
      type: AttributeProto_AttributeType.FLOATS,
      floats: Array.from({ length: 8 }, (_, at) => at / 8),
    }),
  ]);
  const alias = node('Identity', [scale]);
  const made = convolution(layers, node('Mul', [input, scale]), [6, 3]);
  return node('Add', [node('Mul', [made, alias]), shifts]);
}

/** Operators on whole numbers and truth values between those on floats. */
function withMixedTypes(layers: Layers, input: string): string {
  const { node, constant } = layers;
  // A Cast from float to float, which exporters leave where types are generic.
  const made = node('Cast', [convolution(layers, input, [6, 3])], { to: BigInt(FLOAT) });
  const positive = node('Greater', [made, constant([], Float32Array.of(0))]);
  const gate = node('Cast', [positive], { to: BigInt(FLOAT) });
  const rounded = node('Cast', [node('Cast', [made], { to: BigInt(INT64) })], { to: BigInt(FLOAT) });
  const places = node('Add', [node('ArgMax', [made], { axis: 1n, keepdims: 1n }), constant([], int64(1))]);
  const gated = node('Mul', [node('Sub', [made, rounded]), gate]);
  return node('Add', [gated, node('Cast', [places], { to: BigInt(FLOAT) })]);
}

/** Upsampling to twice the size, which exporters compute in floats. */
function withResize(layers: Layers, input: string): string {
  const { node, constant } = layers;
  const small = node('MaxPool', [convolution(layers, input, [6, 3])], { kernel_shape: [2n, 2n], strides: [2n, 2n] });
  const shape = node('Cast', [node('Shape', [small])], { to: BigInt(FLOAT) });
  const sizes = node('Cast', [node('Mul', [shape, constant([4], Float32Array.of(1, 1, 2, 2))])], { to: BigInt(INT64) });
  const large = node('Resize', [small, '', '', sizes]);
  return node('Concat', [large, convolution(layers, input, [2, 3])], { axis: 1n });
}

/** An If whose bodies read what is computed in halves, and a constant that halves are multiplied with too. */
function withConditional(layers: Layers, input: string): string {
  const { node, constant, withAttributes } = layers;
  const made = convolution(layers, input, [6, 3]);
  const doubled = node('Concat', [input, input], { axis: 1n });
  const two = constant([], Float32Array.of(2));
  const size = node('ReduceMax', [node('Shape', [made])], { keepdims: 0n });
  const chosen = node('If', [node('Greater', [size, constant([], int64(7))])]);
  withAttributes(chosen, [scaling('then_branch', made, two), scaling('else_branch', doubled, two)]);
  return node('Add', [convolution(layers, chosen, [6, 6]), node('Mul', [made, two])]);
}

/** Tensors that are called as the conversion would call its own. */
function withNamesTaken(layers: Layers, input: string): string {
  const made = layers.node('Relu', [convolution(layers, input, [6, 3])], {}, 'input_half');
  const softened = layers.node('Softmax', [made], { axis: 1n }, 'input_half_half');
  return convolution(layers, layers.node('Sub', [softened, made], {}, 'input_half_cast'), [6, 6]);
}

function residual(layers: Layers, input: string): string {
  const { node } = layers;
  const stem = node('Relu', [batchNorm(layers, convolution(layers, input, [6, 3]), 6)]);
  const inside = node('Relu', [batchNorm(layers, convolution(layers, stem, [6, 6]), 6)]);
  const joined = node('Add', [stem, batchNorm(layers, convolution(layers, inside, [6, 6]), 6)]);
  // As in networks that normalise first: no layer to fold it into.
  return node('Clip', [batchNorm(layers, joined, 6), layers.constant([], Float32Array.of(0))]);
}

/** As files were before IR version 4: every constant an input too. */
function withListedConstants(): Uint8Array {
  const model = decodeModel(cnnModel({ shape: [3, 8, 8], convolutions: tinyCnn, opset: 11, irVersion: 3 }));
  const { graph } = model;
  graph?.input.push(...graph.initializer.map(({ name, dims }) => makeValueInfo(name, FLOAT, dims.map(Number))));
  return encodeModel(model);
}

/** A model as PyTorch exports it, with the shapes of inner tensors, stated for float32. */
function withStatedShapes(): Uint8Array {
  const model = decodeModel(layersModel({ channels: 6 }, residual));
  for (const output of model.graph?.node.flatMap((node) => node.output) ?? []) {
    if (output !== 'logits') {
      const { type } = makeValueInfo(output, FLOAT, []);
      if (type?.value.case === 'tensorType') delete type.value.value.shape;
      model.graph?.valueInfo.push(create(ValueInfoProtoSchema, { name: output, ...(type && { type }) }));
    }
  }
  return encodeModel(model);
}

const shape: [number, number, number] = [3, 8, 8];

/** Classifiers of 3×8×8 (one of 8×8×3) images in ten classes, each with a part that half precision has to get right. */
export const convertibleModels: readonly (readonly [what: string, bytes: Uint8Array])[] = [
  ...[11, 13, 18, 21].map(
    (opset) =>
      [
        `a small network, opset ${opset}`,
        cnnModel({ shape, convolutions: tinyCnn, opset, irVersion: opset === 21 ? 10 : 8 }),
      ] as const,
  ),
  ['a network that takes NHWC', cnnModel({ shape, convolutions: tinyCnn, layout: 'NHWC' })],
  ['a Softmax at the end', cnnModel({ shape, convolutions: tinyCnn, endsWithSoftmax: true })],
  ['a fixed batch', cnnModel({ shape, convolutions: tinyCnn, batch: 4 })],
  [
    'a stacked denoiser',
    stackModels({
      denoiser: { bytes: denoiserModel({ shape }) },
      classifier: { bytes: cnnModel({ shape, convolutions: tinyCnn }) },
    }),
  ],
  ['constants listed as inputs', withListedConstants()],
  ['residual blocks with BatchNormalization', layersModel({ channels: 6 }, residual)],
  ['stated types of inner tensors', withStatedShapes()],
  ['attention', layersModel({ channels: 6 }, transformer)],
  ['constants in nodes', layersModel({ channels: 6 }, withConstantNodes)],
  ['whole numbers and truth values', layersModel({ channels: 6 }, withMixedTypes)],
  ['upsampling', layersModel({ channels: 8 }, withResize)],
  ['an If', layersModel({ channels: 6 }, withConditional)],
  ['names that the conversion would use', layersModel({ channels: 6 }, withNamesTaken)],
  [
    'Dropout, a half of Split, and a scalar',
    layersModel({ channels: 3 }, (layers, input) => {
      const { node, constant } = layers;
      const dropped = node('Dropout', [convolution(layers, input, [6, 3]), constant([], Float32Array.of(0.25))]);
      const first = node('Slice', [dropped, constant([1], int64(0)), constant([1], int64(3)), constant([1], int64(1))]);
      return node('PRelu', [first, constant([], Float32Array.of(0.1))]);
    }),
  ],
];
