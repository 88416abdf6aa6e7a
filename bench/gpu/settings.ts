/**
 * How what is measured is set up: each setting of the sampler in one place. A setting that this build lacks throws a
 * sentence that says so, which the table then shows.
 */
import type { Device } from '../../certification/records/device.ts';
import type { CudaArithmetic } from '../../certification/classifier/process/cuda/cuda-arithmetic.ts';
import type { ModelSetup } from '../../certification/classifier/process/model-process-messages.ts';
import { NOISE_KEY } from '../sampler-rate.ts';
import type { BenchmarkedModel } from './benchmarked-model.ts';
import { convertToHalf } from '../../certification/classifier/half/convert-to-half.ts';
import { modelSetup } from '../../test/models/model-setup.ts';

/** `tf32`: float32 whose products NVIDIA's matrix units take with 10 bits of mantissa. */
export const precisions = ['tf32', 'fp16', 'fp32'] as const;
export type Precision = (typeof precisions)[number];

export type NoiseKind = 'exact' | 'device';

/** How convolutions run: as runs' claims have it, or the other way. */
export type Layout = 'usual' | 'other';

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

/** How a CUDA device computes in a precision; channels last are the usual layout where matrix units are used. */
export function cudaArithmetic(precision: Precision, layout: Layout): CudaArithmetic {
  const onMatrixUnits = precision !== 'fp32';
  return { tf32: onMatrixUnits, channelsLast: onMatrixUnits === (layout === 'usual') };
}

/** What a model process of the sampler is given. */
export function samplerSetup(options: {
  model: Uint8Array;
  precision: Precision;
  noise: NoiseKind;
  layout: Layout;
  batchSize: number;
  sigma: number;
  device: Device;
}): ModelSetup {
  const { model, precision, noise, layout, batchSize, sigma, device } = options;
  return {
    ...modelSetup(inPrecision(model, precision), {
      batchSize,
      sigma,
      device,
      ...(noise === 'device' && { deviceNoise: { key: NOISE_KEY } }),
    }),
    ...(device.kind === 'cuda' && { cuda: cudaArithmetic(precision, layout) }),
  };
}

/** The model as it is run in a precision. */
export function inPrecision(model: Uint8Array, precision: Precision): Uint8Array {
  return precision === 'fp16' ? convertToHalf(model).bytes : model;
}

/** What the bare model's process sees: ONNX Runtime's Node package can't say no to TF32, NVIDIA's libraries can. */
export function bareEnvironment(precision: Precision): NodeJS.ProcessEnv {
  return precision === 'fp32' ? { NVIDIA_TF32_OVERRIDE: '0' } : {};
}
