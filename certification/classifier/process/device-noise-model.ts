import { latticeTable } from '../../noise/lattice-table.ts';
import { LANES, type AsyncSession } from './async-session.ts';
import type { DeviceModel } from './device-model.ts';
import { NOISE_HEAD } from '../graph/device-noise-prefix.ts';
import { deviceNoiseCounter } from './draw-device-noise.ts';
import type { ModelSetup, ProbeReply } from './model-process-messages.ts';
import { probeModel } from './probe-model.ts';

/**
 * A model that draws its noise itself, on a device.
 *
 * @param setup of a model fused with device noise
 * @param session of that model, with the seed of this process
 */
export async function loadDeviceNoiseModel(
  setup: Omit<ModelSetup, 'fused'>,
  { session, ...identity }: { session: AsyncSession } & Pick<ProbeReply, 'runtime' | 'card'>,
): Promise<DeviceModel> {
  const { batchSize, classes, elementType, shape } = setup;
  const dimensions = shape.reduce((product, side) => product * side, 1);
  const latticeOf = (rows: number) => {
    const length = rows * dimensions;
    return session.tensor(elementType === 'int16' ? new Int16Array(length) : new Int32Array(length), [rows, ...shape]);
  };
  const scale = () => session.tensor(new Float32Array(1), []);

  // The probe batch has noise of its own, the same everywhere: the model's has the scale 0.
  const [probed, silence] = [latticeOf(batchSize), scale()];
  const logits = session.tensor(new Float32Array(batchSize * classes), [batchSize, classes]);
  const probe = await probeModel(setup, {
    table: latticeTable(setup),
    lattice: probed.data as Int16Array | Int32Array,
    run: async () => {
      await session.run({ lattice: probed, noise_scale: silence }, { logits });
      return logits.data as Float32Array;
    },
  });

  const headSize = Math.min(NOISE_HEAD, batchSize * dimensions);
  const lanes = Array.from({ length: LANES }, () => ({
    lattice: latticeOf(1),
    noiseScale: scale(),
    topClass: session.tensor(new Int32Array(batchSize), [batchSize]),
    noiseHead: session.tensor(new Float32Array(headSize), [headSize]),
  }));
  const waiting: (() => void)[] = [];
  const count = deviceNoiseCounter({
    setup,
    run: async ({ lattice, noiseScale }) => {
      while (lanes.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      const lane = lanes.splice(0, 1)[0];
      try {
        lane.lattice.data.set(lattice);
        lane.noiseScale.data[0] = noiseScale;
        await session.run(
          { lattice: lane.lattice, noise_scale: lane.noiseScale },
          { top_class: lane.topClass, noise_head: lane.noiseHead },
        );
        return { topClass: Array.from(lane.topClass.data), noiseHead: Array.from(lane.noiseHead.data) };
      } finally {
        lanes.push(lane);
        waiting.shift()?.();
      }
    },
  });
  return { probe: { ...probe, ...identity }, count };
}
