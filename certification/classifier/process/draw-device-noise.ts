import { addBatch } from './add-batch.ts';
import { createBusyClock } from './busy-clock.ts';
import { planBatches } from './plan-batches.ts';
import type { CountReply, CountRequest, ModelSetup } from './model-process-messages.ts';

/** What one batch of a model that draws its own noise gives. */
export interface DeviceBatch {
  /** A class a row, −1 for NaN. */
  readonly topClass: ArrayLike<number>;
  /** The batch's first normals. */
  readonly noiseHead: ArrayLike<number>;
}

/**
 * Classifies batches of one example's samples, whose noise the device draws itself.
 *
 * @param lattice the example without noise
 * @param noiseScale standard deviation in lattice steps
 */
export type RunDeviceBatch = (feeds: { lattice: Int16Array | Int32Array; noiseScale: number }) => Promise<DeviceBatch>;

/**
 * Counts classes under the device's own noise. Only the clean example goes to the device, once a batch.
 *
 * A batch is all one example's, and its samples are whatever comes next: their numbers say how many, not which. Rows beyond
 * a segment's end count for nothing, and are dropped for their place, not for their outcome.
 *
 * @returns a function that answers requests, several at once where `run` does, in one session
 * @throws Error where two batches in a row are of the same noise: the session doesn't move the generator on, as a recorded CUDA
 * graph would not, and samples would repeat.
 */
export function deviceNoiseCounter({
  setup: { batchSize, classes, elementType, sigma, stepsPerUnit },
  run,
}: {
  setup: Pick<ModelSetup, 'batchSize' | 'classes' | 'elementType' | 'sigma' | 'stepsPerUnit'>;
  run: RunDeviceBatch;
}): (request: Pick<CountRequest, 'segments'>) => Promise<CountReply> {
  const noiseScale = sigma * stepsPerUnit;
  const busySince = createBusyClock();
  let lastHead: readonly number[] | undefined;
  const checkMoved = (noiseHead: ArrayLike<number>) => {
    const head = Array.from(noiseHead);
    const still = lastHead?.every((normal, at) => normal === head[at]) === true;
    lastHead = head;
    if (still) throw new Error("The device's generator drew the same noise twice: its samples can't be counted.");
  };
  return async ({ segments }) => {
    const counts = segments.map(() => new Uint32Array(classes + 1));
    let inferenceMs = 0;
    const batches = planBatches({ segments, batchSize, mixed: false });
    for (const batch of batches) {
      const { pixels } = segments[batch[0].segment];
      const lattice = elementType === 'int16' ? Int16Array.from(pixels) : Int32Array.from(pixels);
      const started = performance.now();
      const { topClass, noiseHead } = await run({ lattice, noiseScale });
      inferenceMs += busySince(started);
      checkMoved(noiseHead);
      addBatch(counts, batch, topClass);
    }
    return { counts, batches: batches.length, inferenceMs };
  };
}
