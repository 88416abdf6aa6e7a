import { Tensor, type InferenceSession } from 'onnxruntime-node';
import type { DeviceNoiseSession } from './device-noise-model.ts';
import type { ModelSetup } from './model-process-messages.ts';

/** A model that draws its own noise, run by onnxruntime-node's own binding. Samplers let no user do so: tests alone come here. */
export function bindingNoise({ batchSize, shape }: ModelSetup, session: InferenceSession): DeviceNoiseSession {
  const feeds = (lattice: Int16Array | Int32Array, { rows, scale }: { rows: number; scale: number }) => {
    const dims = [rows, ...shape];
    return {
      lattice: lattice instanceof Int16Array ? new Tensor('int16', lattice, dims) : new Tensor('int32', lattice, dims),
      noise_scale: new Tensor('float32', Float32Array.of(scale), []),
    };
  };
  return {
    logits: async (lattice) =>
      (await session.run(feeds(lattice, { rows: batchSize, scale: 0 }), ['logits'])).logits.data as Float32Array,
    batch: async ({ lattice, noiseScale }) => {
      const names = ['top_class', 'noise_head'];
      const outputs = await session.run(feeds(lattice, { rows: 1, scale: noiseScale }), names);
      return { topClass: outputs.top_class.data as Int32Array, noiseHead: outputs.noise_head.data as Float32Array };
    },
  };
}
