import { NOISE_HEAD } from '../device-noise-prefix.ts';
import type { DeviceNoiseSession } from '../device-noise-model.ts';
import type { ModelSetup } from '../model-process-messages.ts';
import type { openOrtSession } from './ort-session.ts';

/**
 * A model that draws its own noise, run by ONNX Runtime's C API. Its options must never record a CUDA graph: played again, that would
 * draw the same noise again.
 */
export function cudaNoise(
  { batchSize, classes, elementType, shape }: Omit<ModelSetup, 'fused'>,
  session: Pick<ReturnType<typeof openOrtSession>, 'tensor' | 'runAll'>,
): DeviceNoiseSession {
  const size = shape.reduce((product, side) => product * side, 1);
  const lattice = (rows: number) => {
    const data = elementType === 'int16' ? new Int16Array(rows * size) : new Int32Array(rows * size);
    return session.tensor(data, [rows, ...shape]);
  };
  const example = lattice(1);
  const scale = session.tensor(new Float32Array(1), []);
  const topClass = session.tensor(new Int32Array(batchSize), [batchSize]);
  const headSize = Math.min(NOISE_HEAD, batchSize * size);
  const noiseHead = session.tensor(new Float32Array(headSize), [headSize]);
  return {
    logits: async (batch) => {
      const whole = session.tensor(batch, [batchSize, ...shape]);
      const logits = session.tensor(new Float32Array(batchSize * classes), [batchSize, classes]);
      scale.data[0] = 0;
      await session.runAll({ lattice: whole, noise_scale: scale }, { logits });
      return logits.data as Float32Array;
    },
    batch: async ({ lattice: pixels, noiseScale }) => {
      example.data.set(pixels);
      scale.data[0] = noiseScale;
      const outputs = { top_class: topClass, noise_head: noiseHead };
      await session.runAll({ lattice: example, noise_scale: scale }, outputs);
      return { topClass: topClass.data, noiseHead: noiseHead.data };
    },
  };
}
