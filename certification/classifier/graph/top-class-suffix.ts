import { TensorProto_DataType } from 'onnx-buf';
import type { NodeProto } from 'onnx-buf';
import { makeNode, makeTensor } from './onnx.ts';
import type { AttributeValue } from './onnx.ts';

/** From this opset on the axes of ReduceMax and ReduceMin are an input, not an attribute. */
const reduceAxesInputOpset = 18;

/**
 * The nodes from the model's logits to the logits as float32 [B, C] and the top class as int32 [B]: the lowest index
 * among the largest logits, −1 for a row with a NaN.
 *
 * Not ArgMax: which of several equal values it finds on a GPU isn't documented, what it makes of a NaN differs, and its
 * int64 answer can't be used further on WebGPU. Instead each class that equals the row's maximum stands for its index,
 * any other for C, a NaN for −1, and the least is the answer. A NaN is seen by `x ≠ x` in its own place, so it doesn't
 * matter whether ReduceMax hands NaNs on. A device whose ReduceMax changes what it reads (flushes denormals to zero, say)
 * may leave no class that equals it: −1 too, never an index out of range.
 *
 * `x ≠ x` compares two operands that a shader reads apart, so that a compiler which assumes that there are no NaN has nothing to leave
 * out; `checkTopClass` sees at load whether it holds.
 */
export function topClassSuffix(options: {
  names: { modelLogits: string; logits: string; topClass: string; prefix: string };
  batchSize: number;
  classes: number;
  opset: number;
}): NodeProto[] {
  const { names, batchSize, classes, opset } = options;
  const name = (tensor: string): string => `${names.prefix}${tensor}`;
  const constant = (tensor: string, dims: number[], data: Int32Array | BigInt64Array): NodeProto =>
    makeNode('Constant', { input: [], output: [name(tensor)] }, { value: makeTensor(name(tensor), dims, data) });
  const node = (
    opType: string,
    io: { input: string[]; output: string },
    attributes?: Record<string, AttributeValue>,
  ): NodeProto => makeNode(opType, { input: io.input, output: [io.output] }, attributes);
  const reduce = (
    opType: 'ReduceMax' | 'ReduceMin',
    io: { input: string; output: string },
    keepdims: bigint,
  ): NodeProto =>
    opset < reduceAxesInputOpset
      ? node(opType, { input: [io.input], output: io.output }, { axes: [1n], keepdims })
      : node(opType, { input: [io.input, name('class_axis')], output: io.output }, { keepdims });

  return [
    constant('logits_shape', [2], BigInt64Array.of(BigInt(batchSize), BigInt(classes))),
    ...(opset < reduceAxesInputOpset ? [] : [constant('class_axis', [1], BigInt64Array.of(1n))]),
    constant(
      'indices',
      [1, classes],
      Int32Array.from({ length: classes }, (_, index) => index),
    ),
    constant('none', [], Int32Array.of(-1)),
    constant('beyond', [], Int32Array.of(classes)),
    node('Reshape', { input: [names.modelLogits, name('logits_shape')], output: name('flat_logits') }),
    node('Cast', { input: [name('flat_logits')], output: names.logits }, { to: BigInt(TensorProto_DataType.FLOAT) }),
    reduce('ReduceMax', { input: names.logits, output: name('maximum') }, 1n),
    node('Equal', { input: [names.logits, name('maximum')], output: name('is_top') }),
    node('Where', { input: [name('is_top'), name('indices'), name('beyond')], output: name('top_indices') }),
    node('Equal', { input: [names.logits, names.logits], output: name('is_number') }),
    node('Where', { input: [name('is_number'), name('top_indices'), name('none')], output: name('candidates') }),
    reduce('ReduceMin', { input: name('candidates'), output: name('lowest') }, 0n),
    node('Equal', { input: [name('lowest'), name('beyond')], output: name('is_beyond') }),
    node('Where', { input: [name('is_beyond'), name('none'), name('lowest')], output: names.topClass }),
  ];
}
