import { narrowestLattice } from '../../certification/narrowest-lattice.ts';
import { cpu, type Device } from '../../certification/records/device.ts';
import { fuseModel } from '../../certification/classifier/graph/fuse-model.ts';
import { inspectModel } from '../../certification/classifier/graph/inspect-model.ts';
import type { ModelSetup } from '../../certification/classifier/process/model-process-messages.ts';

/** What a model process needs to sample a model of 8-bit images, one thread each. */
export function modelSetup(
  model: Uint8Array,
  {
    batchSize,
    sigma,
    device = cpu,
    deviceNoise,
  }: { batchSize: number; sigma: number; device?: Device; deviceNoise?: ModelSetup['deviceNoise'] },
): ModelSetup {
  const description = inspectModel(model);
  const { shape, classes } = description;
  const elementType = narrowestLattice(device.kind);
  const fused = fuseModel(model, {
    description,
    stepsPerUnit: 255,
    elementType,
    batchSize,
    deviceNoise: deviceNoise !== undefined,
  });
  const law = { elementType, sigma, stepsPerUnit: 255, deviceNoise };
  return { fused, batchSize, shape, classes, ...law, threads: 1, device };
}
