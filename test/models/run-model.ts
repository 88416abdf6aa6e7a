import { InferenceSession } from 'onnxruntime-node';
import type { Tensor } from 'onnxruntime-node';
import { cpu, type Device } from '../../certification/records/device.ts';
import { sessionOptions } from '../../certification/classifier/process/session-options.ts';

/** Runs a model once in ONNX Runtime as the sampler does: with all its optimisations, on one CPU thread unless told. */
export async function runModel(
  model: Uint8Array,
  feeds: Record<string, Tensor>,
  device: Device = cpu,
): Promise<Record<string, Tensor>> {
  const session = await InferenceSession.create(model, sessionOptions({ threads: 1, device }));
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}
