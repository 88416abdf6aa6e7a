import type { GraphProto, ModelProto, NodeProto } from 'onnx-buf';
import { PerimeterError } from '../../perimeter-error.ts';
import { constantIntegers, isStandard, modelNodes } from './graph.ts';

const randomOperators = [
  'Bernoulli',
  'Multinomial',
  'RandomNormal',
  'RandomNormalLike',
  'RandomUniform',
  'RandomUniformLike',
];

/**
 * Refuses a model that isn't one fixed function of its input: one that draws random numbers, or was exported in
 * training mode (Dropout that drops, batch statistics). Randomized smoothing takes the base classifier to be a
 * function (Cohen, Rosenfeld & Kolter 2019, arXiv 1902.02918, §3).
 *
 * @throws PerimeterError `InvalidModel`
 */
export function checkFixedFunction(model: ModelProto, graph: GraphProto, name: string): void {
  for (const node of modelNodes(model)) {
    if (randomOperators.some((operator) => isStandard(node, operator))) {
      throw new PerimeterError(
        'InvalidModel',
        `${name} draws random numbers (${node.opType} '${node.name}'): only a classifier that gives the same answer each time can be certified.`,
      );
    }
    if (isTraining(graph, node)) {
      throw new PerimeterError(
        'InvalidModel',
        `${name} was exported in training mode (${node.opType} '${node.name}'): export it in evaluation mode.`,
      );
    }
  }
}

function isTraining(graph: GraphProto, node: NodeProto): boolean {
  if (isStandard(node, 'Dropout')) return constantIntegers(graph, node.input[2] ?? '')?.[0] === 1;
  if (isStandard(node, 'BatchNormalization')) {
    return node.attribute.some((attribute) => attribute.name === 'training_mode' && attribute.i === 1n);
  }
  return false;
}
