import { drawCounts } from '../certification/classifier/draw-counts.ts';
import type { ModelPool } from '../certification/classifier/model-pool.ts';
import { emptyTally } from '../certification/classifier/tally.ts';
import { phases } from '../certification/noise/phases.ts';

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
    key: [1, 2],
    phase: phases.estimation,
    mixed: pool.probe.batchInvariant,
    tallies,
    looks: { at: [samples] },
    pixels: () => pixels,
  });
  const took = performance.now() - started;
  return { samplesPerSecond: (samples * 1_000) / took, insideRuntime: inferenceMs / (took * pool.pids().length) };
}
