import { availableParallelism } from 'node:os';
import { loadDeviceNoiseModel } from '../device-noise-model.ts';
import { RefusedModel, type DeviceModel } from '../device-model.ts';
import type { ModelSetup } from '../model-process-messages.ts';
import { loadRingModel } from '../ring-model.ts';
import { openCudaDriver } from './cuda-driver.ts';
import { cudaNoise } from './cuda-noise.ts';
import { openOrtSession } from './ort-session.ts';

/**
 * A model on a CUDA device, by ONNX Runtime's C API, with exact noise drawn by as many threads as there are cores into memory that
 * the card reads by itself.
 *
 * @throws RefusedModel, or Error where the card can't be used.
 */
export async function loadCudaModel(setup: ModelSetup): Promise<DeviceModel> {
  const session = openSession(setup);
  const driver = openCudaDriver(setup.device.id);
  if (setup.deviceNoise !== undefined) {
    const about = { runtime: `onnxruntime-node ${session.version}`, card: driver.card };
    return loadDeviceNoiseModel(setup, { ...about, session: cudaNoise(setup, session) });
  }
  return loadRingModel(setup, {
    session,
    runtime: `onnxruntime-node ${session.version}`,
    card: driver.card,
    pin: (memory) => {
      driver.pin(memory);
    },
    threads: availableParallelism(),
  });
}

/** How the runtime says that it is the machine, not the model. */
const NO_CUDA = /CUDA_V2|CUDA failure|libonnxruntime_providers|libcu/;

function openSession({ fused, device, threads, cuda }: ModelSetup) {
  if (cuda === undefined) throw new Error('A model on CUDA needs its arithmetic named.');
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
