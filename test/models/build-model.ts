import { create } from '@bufbuild/protobuf';
import { GraphProtoSchema, ModelProtoSchema, OperatorSetIdProtoSchema, TensorProto_DataType } from 'onnx-buf';
import type { NodeProto, TensorProto, ValueInfoProto } from 'onnx-buf';
import { encodeModel, makeValueInfo } from '../../certification/classifier/graph/onnx.ts';
import type { Dimension } from '../../certification/classifier/graph/onnx.ts';

/** What every builder of a test model takes. */
export interface ModelOptions {
  /** 17 unless told. */
  opset?: number;
  /** 8 unless told. */
  irVersion?: number;
  /** The batch axis: the name of a free size ('N' unless told), or a fixed one. */
  batch?: Dimension;
}

/** The bytes of an ONNX model from `input` (float32 [batch, …shape]) to `logits` (float32 [batch, classes]). */
export function buildModel(
  options: ModelOptions & {
    shape: Dimension[];
    classes: number;
    nodes: NodeProto[];
    initializers?: TensorProto[];
    /** In place of the one input. */
    inputs?: ValueInfoProto[];
    /** In place of the one output. */
    outputs?: ValueInfoProto[];
  },
): Uint8Array {
  const { opset = 17, irVersion = 8, batch = 'N', shape, classes, nodes, initializers = [] } = options;
  const graph = create(GraphProtoSchema, {
    name: 'test',
    node: nodes,
    initializer: initializers,
    input: options.inputs ?? [makeValueInfo('input', TensorProto_DataType.FLOAT, [batch, ...shape])],
    output: options.outputs ?? [makeValueInfo('logits', TensorProto_DataType.FLOAT, [batch, classes])],
  });
  return encodeModel(
    create(ModelProtoSchema, {
      irVersion: BigInt(irVersion),
      producerName: 'perimeter-test',
      opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(opset) })],
      graph,
    }),
  );
}
