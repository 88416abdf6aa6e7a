import { InferenceSession, Tensor, env } from 'onnxruntime-node';
import { latticeTable } from '../../noise/lattice-table.ts';
import { addBatch } from './add-batch.ts';
import { RefusedModel, type DeviceModel } from './device-model.ts';
import { keyedKernels } from './keyed-kernels.ts';
import type { CountReply, CountRequest, ModelSetup } from './model-process-messages.ts';
import { partsToDraw, planBatches } from './plan-batches.ts';
import { probeModel } from './probe-model.ts';
import { sessionOptions } from './session-options.ts';

/**
 * A model run by onnxruntime-node's own binding, which blocks this thread; between its runs the noise is drawn here.
 *
 * @throws RefusedModel.
 */
export async function loadBindingModel(setup: ModelSetup): Promise<DeviceModel> {
  const { batchSize, classes, elementType, shape } = setup;
  const session = await InferenceSession.create(setup.fused, sessionOptions(setup)).catch((error: unknown) => {
    throw new RefusedModel(`ONNX Runtime refuses the model: ${error instanceof Error ? error.message : String(error)}`);
  });
  const dimensions = shape.reduce((product, side) => product * side, 1);
  const table = latticeTable(setup);
  const tensorOf = (batch: Int16Array | Int32Array) => {
    const dims = [batchSize, ...shape];
    return batch instanceof Int16Array ? new Tensor('int16', batch, dims) : new Tensor('int32', batch, dims);
  };

  const probed =
    elementType === 'int16' ? new Int16Array(batchSize * dimensions) : new Int32Array(batchSize * dimensions);
  const probeTensor = tensorOf(probed);
  const probe = await probeModel(setup, {
    table,
    lattice: probed,
    run: async () => (await session.run({ lattice: probeTensor }, ['logits'])).logits.data as Float32Array,
  });

  const kernelOf = keyedKernels({ table, dimensions, batchSize, elementType });
  const count = async ({ key, phase, segments, mixed }: CountRequest): Promise<CountReply> => {
    const kernel = await kernelOf(key);
    const lattice = tensorOf(kernel.batch);
    const counts = segments.map(() => new Uint32Array(classes + 1));
    let inferenceMs = 0;
    const batches = planBatches({ segments, batchSize, mixed });
    for (const batch of batches) {
      for (const { segment, row, from, count: samples } of partsToDraw(batch, { batchSize, mixed })) {
        const { example, pixels } = segments[segment];
        kernel.fill({ pixels, row, count: samples, example, firstSample: from, phase });
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
