import { create } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
} from 'onnx-buf';
import type { AttributeProto } from 'onnx-buf';
import { makeNode, makeTensor, makeValueInfo } from '../../certification/classifier/graph/onnx.ts';
import { buildModel } from './build-model.ts';

/**
 * As many features as classes; `logits` is the input itself, or its negative, by the bodies of an If that capture the
 * input from outside and state their shapes for a batch of `batch`.
 */
export function conditionalModel(options: {
  classes: number;
  batch: number;
  negated: boolean;
  /** What the input is called; 'input' unless told. */
  input?: string;
}): Uint8Array {
  const { classes, batch, negated, input = 'input' } = options;
  const body = (name: string, opType: string): AttributeProto =>
    create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.GRAPH,
      g: create(GraphProtoSchema, {
        name,
        node: [
          makeNode('Mul', { input: [input, 'one'], output: [`${name}_captured`] }),
          makeNode(opType, { input: [`${name}_captured`], output: [`${name}_out`] }),
        ],
        valueInfo: [makeValueInfo(`${name}_captured`, TensorProto_DataType.FLOAT, [batch, classes])],
        output: [makeValueInfo(`${name}_out`, TensorProto_DataType.FLOAT, [batch, classes])],
      }),
    });
  // Not a constant of the If itself, which the runtime would then fold away: the answer of a comparison.
  const conditional = makeNode('If', { input: ['negate'], output: ['logits'] });
  conditional.attribute = [body('then_branch', 'Neg'), body('else_branch', 'Identity')];
  return buildModel({
    batch,
    shape: [classes],
    classes,
    inputs: [makeValueInfo(input, TensorProto_DataType.FLOAT, [batch, classes])],
    initializers: [
      makeTensor('one', [], Float32Array.of(1)),
      create(TensorProtoSchema, {
        name: 'rows',
        dims: [1n],
        dataType: TensorProto_DataType.INT64,
        int64Data: [negated ? 0n : -1n],
      }),
      makeTensor('scalar', [0], new BigInt64Array()),
    ],
    nodes: [
      makeNode('Shape', { input: [input], output: ['shape'] }),
      makeNode('ReduceMin', { input: ['shape'], output: ['least'] }, { keepdims: 1n }),
      makeNode('Mul', { input: ['least', 'rows'], output: ['sign'] }),
      makeNode('Greater', { input: ['rows', 'sign'], output: ['positive'] }),
      makeNode('Not', { input: ['positive'], output: ['negate_axis'] }),
      makeNode('Reshape', { input: ['negate_axis', 'scalar'], output: ['negate'] }),
      conditional,
    ],
  });
}
