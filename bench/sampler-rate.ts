import { drawCounts } from '../certification/classifier/draw-counts.ts';
import type { ModelPool } from '../certification/classifier/model-pool.ts';
import { emptyTally } from '../certification/classifier/tally.ts';
import { phases } from '../certification/noise/phases.ts';

/** Of no run. */
export const NOISE_KEY = [1, 2] as const;

/**
 * Draws so many samples of one example through the sampler's own dispatch.
 *
 * @returns samples a second, and the share of the time that the model's processes had a batch in the runtime
 */
export async function samplerRate(
  pool: ModelPool,
  samples: number,
): Promise<{ samplesPerSecond: number; insideRuntime: number }> {
  const dimensions = pool.setup.shape.reduce((product, side) => product * side, 1);
  const pixels = Uint8Array.from({ length: dimensions }, (_, at) => (at * 2654435761) % 256);
  const tallies = [emptyTally({ example: 0, classes: pool.setup.classes })];
  const started = performance.now();
  const { inferenceMs } = await drawCounts({
    pool,
    key: NOISE_KEY,
    phase: phases.estimation,
    // A batch of a model that draws the noise itself is one example's.
    mixed: pool.probe.batchInvariant && pool.setup.deviceNoise === undefined,
    tallies,
    looks: { at: [samples] },
    pixels: () => pixels,
  });
  const took = performance.now() - started;
  return { samplesPerSecond: (samples * 1_000) / took, insideRuntime: inferenceMs / (took * pool.pids().length) };
}
