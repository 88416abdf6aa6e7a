import { TensorProto_DataType } from 'onnx-buf';
import type { GraphProto } from 'onnx-buf';
import { PerimeterError } from '../../perimeter-error.ts';
import { findLogits } from './find-logits.ts';
import { deviceNoiseNames, deviceNoisePrefix, NOISE_HEAD } from './device-noise-prefix.ts';
import { fixBatch } from './fix-batch.ts';
import { latticePrefix } from './lattice-prefix.ts';
import type { Normalisation } from './lattice-prefix.ts';
import type { ModelDescription } from './inspect-model.ts';
import { namesRead, producers } from './graph.ts';
import { decodeModel, encodeModel, makeValueInfo } from './onnx.ts';
import { renameTensors } from './rename-tensors.ts';
import { topClassSuffix } from './top-class-suffix.ts';

/** What every inner name added to a model begins with, so that it can't be one of the model's own. */
export const addedPrefix = '__perimeter_';

/** The fused model's input and outputs. */
const fusedNames = { lattice: 'lattice', topClass: 'top_class', logits: 'logits' } as const;

/**
 * Puts a classifier between a lattice and its top class, in one graph of a fixed batch size:
 *
 * - `lattice`, int16 or int32 [B, C, H, W] (always channels first) or [B, d]: the noisy example in steps of
 *   the lattice. The model gets `float32(k) / float32(stepsPerUnit)`, correctly rounded (on WebGPU within 2.5 ulp, which is
 *   all that its shaders are held to), normalised where asked, in its own layout and type.
 * - `top_class`, int32 [B]: the class with the largest logit, the lowest where several tie; −1 for a row that
 *   holds a NaN. Infinities are ordered like any other value.
 * - `logits`, float32 [B, classes]: what the top class was taken from; where the model ends with a Softmax
 *   over the classes, the values before it (see `findLogits`).
 *
 * With device noise `lattice` may also be one example, [1, …], without noise: the graph draws its own (`deviceNoisePrefix`), for which
 * it has the input `noise_scale`, float32 [], and the output `noise_head`.
 *
 * The same arguments give the same bytes. A tensor of the model that has one of these names gets another. Only
 * operators with CPU and CUDA kernels are added, with int32 also WebGPU.
 *
 * @param bytes the ONNX file
 * @param options.description what `inspectModel` says of it
 * @param options.stepsPerUnit lattice steps in one unit of the model's input, > 0: 255 for 8-bit images
 * @param options.elementType the lattice's type; int32 where int16 can't hold the input plus noise, or for WebGPU
 * @param options.batchSize the fixed number of rows B, ≥ 1
 * @param options.normalisation subtracted from and divided into each channel (or feature) before the model
 * @param options.deviceNoise whether the graph draws the noise itself
 * @param options.name what messages call the file
 * @throws PerimeterError `InvalidModel` where the model is made for another batch size or fused already,
 *   `InvalidRequest` where the normalisation doesn't fit its channels
 * @throws RangeError for a `stepsPerUnit` or `batchSize` out of range
 */
export function fuseModel(
  bytes: Uint8Array,
  options: {
    description: ModelDescription;
    stepsPerUnit: number;
    elementType: 'int16' | 'int32';
    batchSize: number;
    normalisation?: Normalisation | undefined;
    deviceNoise?: boolean;
    name?: string;
  },
): Uint8Array {
  const { description, stepsPerUnit, elementType, batchSize, normalisation } = options;
  const { deviceNoise = false, name = 'the model' } = options;
  if (!(stepsPerUnit > 0 && stepsPerUnit < Infinity))
    throw new RangeError(`stepsPerUnit is ${stepsPerUnit}: expected > 0`);
  if (!Number.isInteger(batchSize) || batchSize < 1) throw new RangeError(`batchSize is ${batchSize}: expected ≥ 1`);

  const model = decodeModel(bytes);
  const { graph } = model;
  if (graph === undefined) throw new PerimeterError('InvalidModel', `${name} is not an ONNX model: it holds no graph.`);
  if (graph.node.some((node) => node.output.some((tensor) => tensor.startsWith(addedPrefix)))) {
    throw new PerimeterError(
      'InvalidModel',
      `${name} was fused by Perimeter already: give the model it was made from.`,
    );
  }
  const { classes, opset, shape } = description;
  const names = [...Object.values(fusedNames), ...(deviceNoise ? Object.values(deviceNoiseNames) : [])];
  const ownNames = new Map(names.map((taken) => [taken as string, `${addedPrefix}model_${taken}`]));
  renameTensors(graph, ownNames);
  const inputName = ownNames.get(description.input.name) ?? description.input.name;
  const outputName = ownNames.get(description.output.name) ?? description.output.name;
  const logits = findLogits(graph, outputName, { rank: description.output.dims.length, opset }).name;
  keepWhatMakes(graph, logits);
  fixBatch(graph, { inputName, batch: description.batch, batchSize, name });

  const headSize = Math.min(NOISE_HEAD, batchSize * shape.reduce((product, side) => product * side, 1));
  const noisy = deviceNoise ? `${addedPrefix}noisy` : fusedNames.lattice;
  const noise = deviceNoise
    ? deviceNoisePrefix({ batchSize, shape, names: { lattice: fusedNames.lattice, noisy, prefix: addedPrefix } })
    : [];
  const prefix = latticePrefix({
    description,
    stepsPerUnit,
    normalisation,
    names: { lattice: noisy, input: inputName, prefix: addedPrefix },
  });
  const suffix = topClassSuffix({
    names: { modelLogits: logits, logits: fusedNames.logits, topClass: fusedNames.topClass, prefix: addedPrefix },
    batchSize,
    classes,
    opset,
  });
  // ONNX Runtime refuses two nodes of one name.
  for (const [index, node] of [...noise, ...prefix, ...suffix].entries())
    node.name = `${addedPrefix}${node.opType}_${index}`;
  graph.node = [...noise, ...prefix, ...graph.node, ...suffix];

  const latticeType = elementType === 'int16' ? TensorProto_DataType.INT16 : TensorProto_DataType.INT32;
  // Initializers that were listed as inputs are left out: a constant that could be fed can't be folded.
  graph.input = [
    makeValueInfo(fusedNames.lattice, latticeType, [deviceNoise ? 'rows' : batchSize, ...shape]),
    ...(deviceNoise ? [makeValueInfo(deviceNoiseNames.scale, TensorProto_DataType.FLOAT, [])] : []),
  ];
  graph.output = [
    makeValueInfo(fusedNames.topClass, TensorProto_DataType.INT32, [batchSize]),
    makeValueInfo(fusedNames.logits, TensorProto_DataType.FLOAT, [batchSize, classes]),
    ...(deviceNoise ? [makeValueInfo(deviceNoiseNames.head, TensorProto_DataType.FLOAT, [headSize])] : []),
  ];
  return encodeModel(model);
}

/** Drops the nodes and constants that a tensor doesn't depend on: a Softmax behind it, other heads. */
function keepWhatMakes(graph: GraphProto, tensor: string): void {
  const makers = producers(graph);
  const needed = new Set([tensor]);
  // A set's iterator also visits what is added on the way.
  for (const name of needed) {
    const maker = makers.get(name);
    if (maker !== undefined) for (const read of namesRead(maker)) needed.add(read);
  }
  graph.node = graph.node.filter((node) => node.output.some((name) => needed.has(name)));
  graph.initializer = graph.initializer.filter(({ name }) => needed.has(name));
  graph.sparseInitializer = graph.sparseInitializer.filter(({ values }) => needed.has(values?.name ?? ''));
}
