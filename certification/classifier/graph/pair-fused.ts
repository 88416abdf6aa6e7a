import { TensorProto_DataType } from 'onnx-buf';
import type { GraphProto } from 'onnx-buf';
import { PerimeterError } from '../../perimeter-error.ts';
import { freshName } from './fresh-name.ts';
import { namesApart } from './names-apart.ts';
import { decodeModel, encodeModel, makeNode, makeTensor, makeValueInfo } from './onnx.ts';
import { renameTensors, tensorNames } from './rename-tensors.ts';

/** From this opset on the axes of ReduceMax are an input, not an attribute. */
const reduceAxesInputOpset = 18;

/** The classes of a pair: `top_class` is one of these, or −1 where either model gave no number. */
export const pairClasses = { same: 0, different: 1 } as const;

/**
 * Two models fused for the same batches, as one that says of each row whether their top classes are the same. To a
 * model process it is a classifier of two classes, so whatever draws samples can compare two models on equal ones; its
 * `logits` are each model's largest.
 *
 * @param first made by `fuseModel`, as is `second`; of the same opset, without local functions
 * @param options.opset the standard operator set of both
 */
export function pairFused(
  first: Uint8Array,
  second: Uint8Array,
  { batchSize, opset }: { batchSize: number; opset: number },
): Uint8Array {
  const [model, other] = [decodeModel(first), decodeModel(second)];
  const [graph, beside] = [graphOf(model), graphOf(other)];
  const newNames = namesApart(tensorNames(beside), tensorNames(graph), 'second_');
  newNames.delete('lattice');
  renameTensors(beside, newNames);
  const taken = new Set([...tensorNames(graph), ...tensorNames(beside)]);
  const own = (name: string) => freshName(taken, name);
  renameTensors(graph, new Map(['top_class', 'logits'].map((name) => [name, own(`first_${name}`)])));
  const [topClass, logits] = graph.output.map(({ name }) => name);
  const [otherTopClass, otherLogits] = beside.output.map(({ name }) => name);

  const [none, same, different, axis] = ['none', 'same', 'different', 'axis'].map((name) => own(`pair_${name}`));
  const [least, isNone, isSame, compared] = ['least', 'is_none', 'is_same', 'compared'].map((name) =>
    own(`pair_${name}`),
  );
  const [largest, otherLargest] = [own('pair_largest'), own('pair_other_largest')];
  const largestOf = (from: string, to: string) =>
    opset < reduceAxesInputOpset
      ? makeNode('ReduceMax', { input: [from], output: [to] }, { axes: [1n], keepdims: 1n })
      : makeNode('ReduceMax', { input: [from, axis], output: [to] }, { keepdims: 1n });
  const nodes = [
    makeNode('Min', { input: [topClass, otherTopClass], output: [least] }),
    makeNode('Equal', { input: [least, none], output: [isNone] }),
    makeNode('Equal', { input: [topClass, otherTopClass], output: [isSame] }),
    makeNode('Where', { input: [isSame, same, different], output: [compared] }),
    makeNode('Where', { input: [isNone, none, compared], output: ['top_class'] }),
    largestOf(logits, largest),
    largestOf(otherLogits, otherLargest),
    makeNode('Concat', { input: [largest, otherLargest], output: ['logits'] }, { axis: 1n }),
  ];
  graph.node = [...graph.node, ...beside.node, ...nodes];
  // ONNX Runtime refuses two nodes of one name; these need none.
  for (const node of graph.node) node.name = '';
  graph.initializer.push(
    ...beside.initializer,
    makeTensor(none, [], Int32Array.of(-1)),
    makeTensor(same, [], Int32Array.of(pairClasses.same)),
    makeTensor(different, [], Int32Array.of(pairClasses.different)),
    ...(opset < reduceAxesInputOpset ? [] : [makeTensor(axis, [1], BigInt64Array.of(1n))]),
  );
  graph.sparseInitializer.push(...beside.sparseInitializer);
  graph.output = [
    makeValueInfo('top_class', TensorProto_DataType.INT32, [batchSize]),
    makeValueInfo('logits', TensorProto_DataType.FLOAT, [batchSize, 2]),
  ];
  if (other.irVersion > model.irVersion) model.irVersion = other.irVersion;
  return encodeModel(model);
}

function graphOf({ graph }: { graph?: GraphProto | undefined }): GraphProto {
  if (graph === undefined) throw new PerimeterError('InvalidModel', 'A fused model holds no graph.');
  return graph;
}
