import { openOrtSession } from './cuda/ort-session.ts';
import type { DeviceModel } from './device-model.ts';
import { loadDeviceNoiseModel } from './device-noise-model.ts';
import type { ModelSetup } from './model-process-messages.ts';
import { withOwnSeed } from './with-own-seed.ts';

/**
 * A model that draws its own noise, on the CPU, whose generator is too weak to certify with. Samplers refuse it: only tests, which
 * have no GPU, come here.
 */
export function loadCpuNoiseModel(setup: ModelSetup): Promise<DeviceModel> {
  const session = openOrtSession(withOwnSeed(setup), { threads: setup.threads });
  return loadDeviceNoiseModel(setup, { session, runtime: `onnxruntime-node ${session.version}` });
}
