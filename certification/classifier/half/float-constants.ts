import { create } from '@bufbuild/protobuf';
import { TensorProto_DataType, TensorProtoSchema } from 'onnx-buf';
import type { GraphProto, NodeProto, TensorProto } from 'onnx-buf';
import { isStandard } from '../graph/graph.ts';
import { halfBits } from './half.ts';

const float: number = TensorProto_DataType.FLOAT;

/** A constant of float32 numbers. */
export interface FloatConstant {
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

/** A graph's float32 constants by name: initializers, Constant nodes, and what Identity hands on of them. */
export function floatConstants(graph: GraphProto): Map<string, FloatConstant> {
  const constants = new Map<string, FloatConstant>();
  for (const tensor of graph.initializer) {
    const constant = ofTensor(tensor);
    if (constant !== undefined) constants.set(tensor.name, constant);
  }
  for (const node of graph.node) {
    const constant = isStandard(node, 'Identity') ? constants.get(node.input[0] ?? '') : ofNode(node);
    if (constant !== undefined) constants.set(node.output[0] ?? '', constant);
  }
  return constants;
}

function ofTensor({ dataType, dims, rawData, floatData }: TensorProto): FloatConstant | undefined {
  if (dataType !== float) return undefined;
  // raw_data is little-endian and need not lie at a multiple of four, so it is copied.
  const values = rawData.length > 0 ? new Float32Array(Uint8Array.from(rawData).buffer) : Float32Array.from(floatData);
  return { dims: dims.map(Number), values };
}

function ofNode(node: NodeProto): FloatConstant | undefined {
  if (!isStandard(node, 'Constant')) return undefined;
  const attribute = node.attribute.at(0);
  if (attribute?.name === 'value' && attribute.t !== undefined) return ofTensor(attribute.t);
  if (attribute?.name === 'value_float') return { dims: [], values: Float32Array.of(attribute.f) };
  if (attribute?.name === 'value_floats') {
    return { dims: [attribute.floats.length], values: Float32Array.from(attribute.floats) };
  }
  return undefined;
}

/** The constant as a float16 tensor, each value rounded to the nearest. */
export function halfTensor(name: string, { dims, values }: FloatConstant): TensorProto {
  const rawData = new Uint8Array(2 * values.length);
  const view = new DataView(rawData.buffer);
  for (let at = 0; at < values.length; at++) view.setUint16(2 * at, halfBits(values[at]), true);
  return create(TensorProtoSchema, {
    name,
    dims: dims.map(BigInt),
    dataType: TensorProto_DataType.FLOAT16,
    rawData,
  });
}
