import { availableParallelism } from 'node:os';
import { RefusedModel, type DeviceModel } from '../device-model.ts';
import type { ModelSetup } from '../model-process-messages.ts';
import { loadDeviceNoiseModel } from '../device-noise-model.ts';
import { loadRingModel } from '../ring-model.ts';
import { withOwnSeed } from '../with-own-seed.ts';
import { fullPrecision } from './cuda-arithmetic.ts';
import { openCudaDriver } from './cuda-driver.ts';
import { openOrtSession } from './ort-session.ts';

/**
 * A model on a CUDA device, by ONNX Runtime's C API: with exact noise drawn by as many threads as there are cores into memory that
 * the card reads by itself, or with the card's own.
 *
 * @throws RefusedModel, or Error where the card can't be used.
 */
export async function loadCudaModel(setup: ModelSetup): Promise<DeviceModel> {
  const { deviceNoise } = setup;
  const session = openSession({ ...setup, fused: withOwnSeed(setup) });
  const { card, pin } = openCudaDriver(setup.device.id);
  const identity = { runtime: `onnxruntime-node ${session.version}`, card };
  if (deviceNoise !== undefined) return loadDeviceNoiseModel(setup, { session, ...identity });
  return loadRingModel(setup, { session, ...identity, pin, threads: availableParallelism() });
}

/** How the runtime says that it is the machine, not the model. */
const NO_CUDA = /CUDA_V2|CUDA failure|libonnxruntime_providers|libcu/;

function openSession({ fused, device, threads, cuda = fullPrecision }: ModelSetup) {
  try {
    return openOrtSession(fused, { threads, cuda: { deviceId: device.id, arithmetic: cuda } });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (!NO_CUDA.test(reason)) throw new RefusedModel(`ONNX Runtime refuses the model: ${reason}`);
    throw new Error(
      `ONNX Runtime can't use CUDA (${reason}). It needs an NVIDIA GPU with its driver, CUDA 12, cuDNN 9, and its own CUDA provider, which the image sampler-cuda has (docs/deploy.md).`,
    );
  }
}
