import { TensorProto_DataType } from 'onnx-buf';
import type { ModelProto } from 'onnx-buf';
import { PerimeterError } from '../../perimeter-error.ts';
import { allNodes, allTensors } from '../graph/graph.ts';
import type { ReadModel } from '../graph/read-model.ts';

/** Types that are as narrow as float16, or narrower. */
const narrow = new Set<number>([
  TensorProto_DataType.FLOAT16,
  TensorProto_DataType.BFLOAT16,
  TensorProto_DataType.FLOAT8E4M3FN,
  TensorProto_DataType.FLOAT8E4M3FNUZ,
  TensorProto_DataType.FLOAT8E5M2,
  TensorProto_DataType.FLOAT8E5M2FNUZ,
]);

/** QuantizeLinear, DequantizeLinear, DynamicQuantizeLinear, QLinearConv, QGemm, ConvInteger, MatMulNBits and their like. */
const quantised = /Quantize|^QLinear|^Q(Gemm|Attention)|Integer$|Bits$/;

/**
 * Refuses a model whose precision can't be changed by `convertToHalf`: one that is half already, quantised, or built of
 * local functions.
 *
 * @param name what messages call the file
 * @throws PerimeterError `InvalidModel`
 */
export function checkSinglePrecision({ model, graph, input, output }: ReadModel, name: string): void {
  const refuse = (sentence: string) => new PerimeterError('InvalidModel', sentence);
  const nodes = allNodes(graph);
  const half = input.type === 'float16' ? input : output.type === 'float16' ? output : narrowTensor(graph, nodes);
  if (half !== undefined) {
    throw refuse(`${name} is in half precision already, in whole or in part ('${half.name}'): give the float32 model.`);
  }
  const quantiser = nodes.find(({ opType }) => quantised.test(opType));
  if (quantiser !== undefined) {
    throw refuse(
      `${name} is quantised (${quantiser.opType} '${quantiser.name}'): give the float32 model it was made from.`,
    );
  }
  const local = calledFunction(model);
  if (local !== undefined) {
    throw refuse(
      `${name} is built of local functions ('${local}'), which are not looked into: put their nodes into the graph first, with onnx.inliner.inline_local_functions.`,
    );
  }
}

function narrowTensor(graph: ReadModel['graph'], nodes: ReturnType<typeof allNodes>): { name: string } | undefined {
  const caster = nodes.find(({ opType, attribute }) =>
    attribute.some(({ name, i }) => opType === 'Cast' && name === 'to' && narrow.has(Number(i))),
  );
  return allTensors(graph).find(({ dataType }) => narrow.has(dataType)) ?? caster;
}

function calledFunction({ functions }: ModelProto): string | undefined {
  const first = functions.at(0);
  return first && [first.domain, first.name].filter((part) => part !== '').join('.');
}
