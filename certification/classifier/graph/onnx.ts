import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import type { AttributeProto, ModelProto, NodeProto, TensorProto, ValueInfoProto } from 'onnx-buf';

/** An attribute's value; its ONNX type follows from the JavaScript type: bigint INT, number FLOAT. */
export type AttributeValue = bigint | bigint[] | number | TensorProto;

/** A size, or the name of a size that is free. */
export type Dimension = number | string;

/** Reads an ONNX file. Fields that this schema doesn't know are kept and written back by `encodeModel`. */
export function decodeModel(bytes: Uint8Array): ModelProto {
  return fromBinary(ModelProtoSchema, bytes);
}

/** The bytes of an ONNX file; the same model gives the same bytes. */
export function encodeModel(model: ModelProto): Uint8Array {
  return toBinary(ModelProtoSchema, model);
}

/** A node of the standard operator set, named after its first output. */
export function makeNode(
  opType: string,
  io: { input: string[]; output: string[] },
  attributes: Record<string, AttributeValue> = {},
): NodeProto {
  return create(NodeProtoSchema, {
    opType,
    name: io.output[0] ?? '',
    input: io.input,
    output: io.output,
    attribute: Object.entries(attributes).map(([name, value]) => makeAttribute(name, value)),
  });
}

function makeAttribute(name: string, value: AttributeValue): AttributeProto {
  const attribute = create(AttributeProtoSchema, { name });
  if (typeof value === 'bigint') {
    attribute.type = AttributeProto_AttributeType.INT;
    attribute.i = value;
  } else if (typeof value === 'number') {
    attribute.type = AttributeProto_AttributeType.FLOAT;
    attribute.f = value;
  } else if (Array.isArray(value)) {
    attribute.type = AttributeProto_AttributeType.INTS;
    attribute.ints = value;
  } else {
    attribute.type = AttributeProto_AttributeType.TENSOR;
    attribute.t = value;
  }
  return attribute;
}

/** A tensor of float32, int32 or int64, by the type of its data; no `dims` makes a scalar. */
export function makeTensor(name: string, dims: number[], data: Float32Array | Int32Array | BigInt64Array): TensorProto {
  const dataType =
    data instanceof Float32Array
      ? TensorProto_DataType.FLOAT
      : data instanceof Int32Array
        ? TensorProto_DataType.INT32
        : TensorProto_DataType.INT64;
  // raw_data is little-endian, as is every machine that ONNX Runtime is built for.
  const rawData = new Uint8Array(data.byteLength);
  rawData.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return create(TensorProtoSchema, { name, dims: dims.map(BigInt), dataType, rawData });
}

/** Declares a tensor as a graph's input or output. */
export function makeValueInfo(name: string, elemType: TensorProto_DataType, dims: Dimension[]): ValueInfoProto {
  const dim = dims.map((size) =>
    create(TensorShapeProto_DimensionSchema, {
      value: typeof size === 'number' ? { case: 'dimValue', value: BigInt(size) } : { case: 'dimParam', value: size },
    }),
  );
  const shape = create(TensorShapeProtoSchema, { dim });
  const tensorType = create(TypeProto_TensorSchema, { elemType, shape });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: 'tensorType', value: tensorType } }),
  });
}
