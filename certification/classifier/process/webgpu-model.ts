import { loadBindingModel } from './binding-model.ts';
import { checkTopClass } from './check-top-class.ts';
import { RefusedModel, type DeviceModel } from './device-model.ts';
import type { ModelSetup } from './model-process-messages.ts';
import { operatorsLeftToCpu } from './operators-left-to-cpu.ts';
import { topClassAlone } from '../graph/top-class-alone.ts';
import { whyNotWebGpu } from './why-not-webgpu.ts';

/**
 * A model run on WebGPU by onnxruntime-node's own binding, on a device that was seen to find top classes as they must be.
 *
 * @throws RefusedModel where it has operators without kernels, Error where this machine can't run it.
 */
export async function loadWebGpuModel(setup: ModelSetup): Promise<DeviceModel> {
  const model = await loadBindingModel(setup).catch(async (error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    const notHere = whyNotWebGpu(reason);
    if (notHere !== undefined) throw new Error(notHere, { cause: error });
    const withoutKernels = await operatorsLeftToCpu(setup, reason);
    if (withoutKernels !== undefined) throw new RefusedModel(withoutKernels);
    throw error;
  });
  await checkTopClass(await topClassAlone(setup));
  return model;
}
