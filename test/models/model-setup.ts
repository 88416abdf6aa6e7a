import { narrowestLattice } from '../../certification/narrowest-lattice.ts';
import { cpu, type Device } from '../../certification/records/device.ts';
import { fuseModel } from '../../certification/classifier/fuse-model.ts';
import { inspectModel } from '../../certification/classifier/inspect-model.ts';
import type { ModelSetup } from '../../certification/classifier/model-process-messages.ts';

/** What a model process needs to sample a model of 8-bit images, one thread each. */
export function modelSetup(
  model: Uint8Array,
  { batchSize, sigma, device = cpu }: { batchSize: number; sigma: number; device?: Device },
): ModelSetup {
  const description = inspectModel(model);
  const { shape, classes } = description;
  const elementType = narrowestLattice(device.kind);
  const fused = fuseModel(model, { description, stepsPerUnit: 255, elementType, batchSize });
  return { fused, batchSize, shape, classes, elementType, sigma, stepsPerUnit: 255, threads: 1, device };
}
