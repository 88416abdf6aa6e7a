import type { Segment } from './classifier/process/model-process-messages.ts';
import type { ModelPool } from './classifier/model-pool.ts';
import { phases } from './noise/phases.ts';

/**
 * Samples a second with all of the pool's processes busy, drawn under a key that no run uses.
 *
 * @param milliseconds how long to measure, at least.
 */
export async function measureRate(pool: ModelPool, pixels: Segment['pixels'], milliseconds: number): Promise<number> {
  const { batchSize } = pool.setup;
  const started = performance.now();
  let samples = 0;
  const work = async () => {
    for (let batches = 1; performance.now() - started < milliseconds; batches = Math.min(2 * batches, 16)) {
      const to = batches * batchSize;
      const segments = [{ example: 0, pixels, from: 0, to }];
      await pool.count({ key: [0, 0], phase: phases.probe, segments, mixed: true });
      samples += to;
    }
  };
  await Promise.all(Array.from({ length: pool.places }, work));
  return samples / ((performance.now() - started) / 1_000);
}
