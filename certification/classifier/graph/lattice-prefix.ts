import { TensorProto_DataType } from 'onnx-buf';
import type { NodeProto } from 'onnx-buf';
import { PerimeterError } from '../../perimeter-error.ts';
import type { ModelDescription } from './inspect-model.ts';
import { makeNode, makeTensor } from './onnx.ts';
import type { AttributeValue } from './onnx.ts';

/** `(x − mean) / std`, in the units of the model's input: one value for all, or one a channel (a feature). */
export interface Normalisation {
  mean: number[];
  std: number[];
}

/**
 * The nodes from the lattice to the model's input: float32, divided by the steps per unit, normalised, in the model's
 * layout and type. The last one makes the tensor that was the model's input.
 *
 * A Div, not a Mul by the reciprocal: k/255 correctly rounded is what image loaders feed a model, and what a verifier
 * computes. It runs at the memory's speed either way.
 *
 * @throws PerimeterError `InvalidRequest` where the normalisation doesn't fit
 */
export function latticePrefix(options: {
  description: ModelDescription;
  stepsPerUnit: number;
  normalisation?: Normalisation | undefined;
  names: { lattice: string; input: string; prefix: string };
}): NodeProto[] {
  const { description, stepsPerUnit, normalisation, names } = options;
  const nodes: NodeProto[] = [];
  let last = names.lattice;
  const append = (opType: string, attributes: Record<string, AttributeValue> = {}, operand?: string): void => {
    const output = `${names.prefix}input_${nodes.length}`;
    nodes.push(
      makeNode(opType, { input: operand === undefined ? [last] : [last, operand], output: [output] }, attributes),
    );
    last = output;
  };
  const [channels = 0, ...places] = description.shape;
  const appendWithConstant = (opType: 'Div' | 'Sub', values: number[]): void => {
    // ONNX Runtime multiplies a scalar divisor into a MatMul behind it, which rounds in another place: a vector it leaves.
    const each =
      description.layout === 'features' && values.length === 1 ? Array<number>(channels).fill(values[0]) : values;
    const dims = each.length === 1 ? [] : [1, each.length, ...places.map(() => 1)];
    const constant = `${names.prefix}constant_${nodes.length}`;
    const value = makeTensor(constant, dims, Float32Array.from(each));
    nodes.push(makeNode('Constant', { input: [], output: [constant] }, { value }));
    append(opType, {}, constant);
  };

  append('Cast', { to: BigInt(TensorProto_DataType.FLOAT) });
  appendWithConstant('Div', [stepsPerUnit]);
  if (normalisation !== undefined) {
    checkNormalisation(normalisation, description);
    appendWithConstant('Sub', normalisation.mean);
    appendWithConstant('Div', normalisation.std);
  }
  if (description.layout === 'NHWC') append('Transpose', { perm: [0n, 2n, 3n, 1n] });
  if (description.input.type === 'float16') append('Cast', { to: BigInt(TensorProto_DataType.FLOAT16) });

  const end = nodes.at(-1);
  if (end !== undefined) end.output = [names.input];
  return nodes;
}

function checkNormalisation({ mean, std }: Normalisation, { shape, layout }: ModelDescription): void {
  const [channels = 0] = shape;
  const unit = layout === 'features' ? 'features' : 'channels';
  for (const [key, values] of Object.entries({ mean, std })) {
    if (values.length !== 1 && values.length !== channels) {
      throw new PerimeterError(
        'InvalidRequest',
        `normalisation.${key} has ${values.length} values, but the model has ${channels} ${unit}: give one value, or one for each.`,
      );
    }
    const wrong = values.find((value) => !Number.isFinite(value) || (key === 'std' && Math.fround(value) <= 0));
    if (wrong !== undefined) {
      const expected = key === 'std' ? 'a number greater than 0' : 'a number';
      throw new PerimeterError('InvalidRequest', `normalisation.${key} holds ${wrong}: expected ${expected}.`);
    }
  }
}
