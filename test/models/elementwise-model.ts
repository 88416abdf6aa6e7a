import { makeNode } from '../../certification/classifier/graph/onnx.ts';
import { buildModel } from './build-model.ts';
import type { ModelOptions } from './build-model.ts';

/**
 * One operator on as many features as classes: a way to any logits. Log gives NaN below 0 and −∞ at 0, Reciprocal +∞
 * at 0.
 */
export function elementwiseModel(
  options: ModelOptions & { classes: number; operator: 'Identity' | 'Log' | 'Reciprocal' | 'Softmax' | 'LogSoftmax' },
): Uint8Array {
  const { operator, ...rest } = options;
  const attributes: Record<string, bigint> = operator.endsWith('Softmax') ? { axis: 1n } : {};
  return buildModel({
    ...rest,
    shape: [rest.classes],
    nodes: [makeNode(operator, { input: ['input'], output: ['logits'] }, attributes)],
  });
}
