import { InferenceSession, Tensor, env } from 'onnxruntime-node';
import { latticeGaussian } from '../../noise/lattice-gaussian.ts';
import { createNoiseKernel, type NoiseKernel } from '../../noise/noise-kernel.ts';
import { addBatch } from './add-batch.ts';
import { RefusedModel, type DeviceModel } from './device-model.ts';
import type { CountReply, CountRequest, ModelSetup } from './model-process-messages.ts';
import { planBatches } from './plan-batches.ts';
import { probeModel } from './probe-model.ts';
import { sessionOptions } from './session-options.ts';

/**
 * A model run by onnxruntime-node's own binding, which blocks this thread; between its runs the noise is drawn here.
 *
 * @throws RefusedModel.
 */
export async function loadBindingModel(setup: ModelSetup): Promise<DeviceModel> {
  const { batchSize, classes, elementType, shape, sigma, stepsPerUnit } = setup;
  const session = await InferenceSession.create(setup.fused, sessionOptions(setup)).catch((error: unknown) => {
    throw new RefusedModel(`ONNX Runtime refuses the model: ${error instanceof Error ? error.message : String(error)}`);
  });
  const dimensions = shape.reduce((product, side) => product * side, 1);
  const table = latticeGaussian({ sigma, stepsPerUnit });
  const tensorOf = (batch: Int16Array | Int32Array) => {
    const dims = [batchSize, ...shape];
    return batch instanceof Int16Array ? new Tensor('int16', batch, dims) : new Tensor('int32', batch, dims);
  };

  const probed =
    elementType === 'int16' ? new Int16Array(batchSize * dimensions) : new Int32Array(batchSize * dimensions);
  const probeTensor = tensorOf(probed);
  const probe = await probeModel(setup, {
    lattice: probed,
    run: async () => (await session.run({ lattice: probeTensor }, ['logits'])).logits.data as Float32Array,
  });

  let keyed: { key: readonly [number, number]; kernel: NoiseKernel; lattice: Tensor } | undefined;
  const keyedKernel = async (key: readonly [number, number]) => {
    if (keyed?.key[0] !== key[0] || keyed.key[1] !== key[1]) {
      const kernel = await createNoiseKernel({ table, key, dimensions, batchSize, elementType });
      keyed = { key, kernel, lattice: tensorOf(kernel.batch) };
    }
    return keyed;
  };
  const count = async ({ key, phase, segments, mixed }: CountRequest): Promise<CountReply> => {
    const { kernel, lattice } = await keyedKernel(key);
    const counts = segments.map(() => new Uint32Array(classes + 1));
    let inferenceMs = 0;
    const batches = planBatches({ segments, batchSize, mixed });
    for (const batch of batches) {
      for (const { segment, row, from, count: samples } of batch) {
        const { example, pixels } = segments[segment];
        // An unmixed batch is drawn whole by its first part: it is all one example's.
        if (!mixed && row > 0) continue;
        const drawn = mixed ? samples : batchSize;
        kernel.fill({ pixels, row, count: drawn, example, firstSample: from, phase });
      }
      const started = performance.now();
      const { top_class: topClass } = await session.run({ lattice }, ['top_class']);
      inferenceMs += performance.now() - started;
      addBatch(counts, batch, topClass.data as Int32Array);
    }
    return { counts, batches: batches.length, inferenceMs };
  };

  /** One request at a time: they share one batch of memory. */
  let turn: Promise<unknown> = Promise.resolve();
  return {
    probe: { ...probe, runtime: `onnxruntime-node ${env.versions.node ?? env.versions.common}` },
    count: (request) => {
      const reply = turn.then(() => count(request));
      turn = reply.catch(() => undefined);
      return reply;
    },
  };
}
