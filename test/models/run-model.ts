import { InferenceSession } from 'onnxruntime-node';
import type { Tensor } from 'onnxruntime-node';

/** Runs a model once in ONNX Runtime on one CPU thread, with all its optimisations, as the sampler does. */
export async function runModel(model: Uint8Array, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await InferenceSession.create(model, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}
