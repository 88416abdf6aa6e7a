import { create } from '@bufbuild/protobuf';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataType,
  type NodeProto,
} from 'onnx-buf';
import { encodeModel, makeNode, makeValueInfo } from '../../certification/classifier/graph/onnx.ts';

/** So many that making the first two matrices and reading the last are a small share. */
export const PRODUCTS = 32;

/**
 * A model without input that makes two square matrices of normals on the device, multiplies the one by the other `PRODUCTS`
 * times, and gives a single number: nothing is copied to or from the device that could be felt.
 */
export function matrixProduct({ side, half }: { side: number; half: boolean }): Uint8Array {
  const type = half ? TensorProto_DataType.FLOAT16 : TensorProto_DataType.FLOAT;
  const shape = [BigInt(side), BigInt(side)];
  const normals = (output: string, scale: number) =>
    makeNode('RandomNormal', { input: [], output: [output] }, { shape, scale, mean: 0, dtype: BigInt(type) });
  // Entries of variance 1/side keep a product's entries as large as its factor's.
  const nodes: NodeProto[] = [normals('factor', 1 / Math.sqrt(side)), normals('product0', 1)];
  for (let at = 0; at < PRODUCTS; at++) {
    nodes.push(makeNode('MatMul', { input: ['factor', `product${at}`], output: [`product${at + 1}`] }));
  }
  nodes.push(
    makeNode('Cast', { input: [`product${PRODUCTS}`], output: ['single'] }, { to: BigInt(TensorProto_DataType.FLOAT) }),
    makeNode('ReduceMean', { input: ['single'], output: ['mean'] }, { axes: [0n, 1n], keepdims: 1n }),
  );
  return encodeModel(
    create(ModelProtoSchema, {
      irVersion: 8n,
      producerName: 'perimeter-bench',
      opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: 17n })],
      graph: create(GraphProtoSchema, {
        name: 'peak',
        node: nodes,
        output: [makeValueInfo('mean', TensorProto_DataType.FLOAT, [1, 1])],
      }),
    }),
  );
}
