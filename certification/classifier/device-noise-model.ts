import { randomBytes } from 'node:crypto';
import { deviceNoiseSeed } from '../noise/device-noise-seed.ts';
import type { DeviceModel } from './device-model.ts';
import { deviceNoiseCounter, type RunDeviceBatch } from './draw-device-noise.ts';
import type { ModelSetup, ProbeReply } from './model-process-messages.ts';
import { probeModel } from './probe-model.ts';
import { withNoiseSeed } from './with-noise-seed.ts';

/** A session of a model that draws its own noise. */
export interface DeviceNoiseSession {
  /** Logits of a whole batch, without any noise but what lies in it. */
  readonly logits: (lattice: Int16Array | Int32Array) => Promise<Float32Array>;
  readonly batch: RunDeviceBatch;
}

/** The model with a seed of this process's own, where it draws the noise itself. */
export function withOwnSeed(setup: ModelSetup): ModelSetup {
  if (setup.deviceNoise === undefined) return setup;
  const seed = deviceNoiseSeed({ key: setup.deviceNoise.key, nonce: randomBytes(32) });
  return { ...setup, fused: withNoiseSeed(setup.fused, seed) };
}

/** A model that draws its own noise: one batch after another, of one example each. */
export async function loadDeviceNoiseModel(
  setup: Omit<ModelSetup, 'fused'>,
  { session, ...about }: Pick<ProbeReply, 'runtime' | 'card'> & { session: DeviceNoiseSession },
): Promise<DeviceModel> {
  const size = setup.shape.reduce((product, side) => product * side, setup.batchSize);
  const lattice = setup.elementType === 'int16' ? new Int16Array(size) : new Int32Array(size);
  const probe = await probeModel(setup, { lattice, run: () => session.logits(lattice) });
  const count = deviceNoiseCounter({ setup, run: session.batch });
  let turn: Promise<unknown> = Promise.resolve();
  return {
    probe: { ...probe, ...about },
    count: (request) => {
      const reply = turn.then(() => count(request));
      turn = reply.catch(() => undefined);
      return reply;
    },
  };
}
