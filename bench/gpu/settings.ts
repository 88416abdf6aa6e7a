/**
 * How what is measured is set up: each setting of the sampler in one place. A setting that this build lacks throws a
 * sentence that says so, which the table then shows.
 */
import type { Device } from '../../certification/records/device.ts';
import type { ModelSetup } from '../../certification/classifier/model-process-messages.ts';
import type { BenchmarkedModel } from './benchmarked-model.ts';
import type { Contender } from './contender.ts';
import { modelSetup } from '../../test/models/model-setup.ts';

/** `tf32`: float32 whose products NVIDIA's matrix units take with 10 bits of mantissa. */
export const precisions = ['tf32', 'fp16', 'fp32'] as const;
export type Precision = (typeof precisions)[number];

export type NoiseKind = 'exact' | 'device';

/** The precisions that are measured on a device: elsewhere than on CUDA one is enough to try the benchmark. */
export function precisionsOf(device: Device): readonly Precision[] {
  return device.kind === 'cuda' ? precisions : ['fp32'];
}

/**
 * The batches that a model is measured at: those asked for, else its own. A batch that the sampler itself would choose on the
 * device belongs here.
 */
export function batchesOf({ batches }: BenchmarkedModel, asked: readonly number[] | undefined): readonly number[] {
  return asked ?? batches;
}

/** The bare model with its input and output left on the device, which ONNX Runtime's Node package has no way to do. */
export function openBareOnDevice(): Promise<Contender> {
  return Promise.reject(new Error('this build can not run a model with its data left on the device'));
}

/** What a model process of the sampler is given. */
export function samplerSetup(options: {
  model: Uint8Array;
  precision: Precision;
  noise: NoiseKind;
  batchSize: number;
  sigma: number;
  device: Device;
}): ModelSetup {
  const { model, precision, noise, batchSize, sigma, device } = options;
  return {
    ...modelSetup(inPrecision(model, precision), { batchSize, sigma }),
    device,
    ...tf32Setting(precision, device),
    ...noiseSetting(noise),
  };
}

/** The model as it is run in a precision. */
export function inPrecision(model: Uint8Array, precision: Precision): Uint8Array {
  if (precision !== 'fp16') return model;
  throw new Error('this build can not convert a model to half precision');
}

function tf32Setting(precision: Precision, device: Device): Partial<ModelSetup> {
  if (device.kind !== 'cuda' || precision !== 'fp32') return {};
  throw new Error('this build has no setting that keeps the sampler from using TF32');
}

function noiseSetting(noise: NoiseKind): Partial<ModelSetup> {
  if (noise === 'exact') return {};
  throw new Error('this build can not draw noise on the device');
}

/** What the bare model's process sees: ONNX Runtime's Node package can't say no to TF32, NVIDIA's libraries can. */
export function bareEnvironment(precision: Precision): NodeJS.ProcessEnv {
  return precision === 'fp32' ? { NVIDIA_TF32_OVERRIDE: '0' } : {};
}
