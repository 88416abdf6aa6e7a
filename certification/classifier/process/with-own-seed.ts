import { randomBytes } from 'node:crypto';
import { deviceNoiseSeed } from '../../noise/device-noise-seed.ts';
import type { ModelSetup } from './model-process-messages.ts';
import { withNoiseSeed } from '../graph/with-noise-seed.ts';

/** The model, with a seed of this process's own where it draws the noise itself. */
export function withOwnSeed({ fused, deviceNoise }: ModelSetup): Uint8Array {
  if (deviceNoise === undefined) return fused;
  return withNoiseSeed(fused, deviceNoiseSeed({ key: deviceNoise.key, nonce: randomBytes(32) }));
}
