import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { inspectModel } from '../certification/classifier/inspect-model.ts';
import { openModelPool, type ModelPool } from '../certification/classifier/model-pool.ts';
import { phases } from '../certification/noise/phases.ts';
import { drawCounts } from '../certification/classifier/draw-counts.ts';
import { emptyTally } from '../certification/classifier/tally.ts';
import { cnnModel } from '../test/models/cnn-model.ts';
import { modelSetup } from '../test/models/model-setup.ts';
import type { BareSetup } from './bare-model-main.ts';
import { benchNoise } from './noise.ts';

const BATCH_SIZE = 64;
const THREADS = 1;
const ROUNDS = 7;
const ROUND_MS = 4_000;
const SIGMA = 0.25;

/**
 * The sampler against the bare model: the same CNN, batch and threads, every core busy, in turns so that the machine's
 * moods fall on both; the ratio is that of each pair of turns.
 */
export async function benchSampling(): Promise<void> {
  const bytes = cnnModel();
  const description = inspectModel(bytes);
  const processes = availableParallelism();
  const pool = await openModelPool(modelSetup(bytes, { batchSize: BATCH_SIZE, sigma: SIGMA }), processes);
  const { shape } = description;
  const setup: BareSetup = {
    model: bytes,
    input: description.input.name,
    output: description.output.name,
    dims: [BATCH_SIZE, ...shape],
    threads: THREADS,
  };
  const bare = await Promise.all(Array.from({ length: processes }, () => startBare(setup)));
  const ratios: number[] = [];
  const rates: { bare: number[]; fused: number[] } = { bare: [], fused: [] };
  process.stdout.write(
    `CNN of 77 MFLOP at ${shape.join('×')}, batch ${BATCH_SIZE}, ${processes} processes × ${THREADS} thread, sigma ${SIGMA}\n`,
  );
  process.stdout.write('round  bare session.run  fused sampler  ratio   (samples/s)\n');
  let samples = 2_000;
  for (let round = 0; round <= ROUNDS; round++) {
    const bareRate = sum(await Promise.all(bare.map((child) => ask<number>(child, { milliseconds: ROUND_MS }))));
    const fusedRate = await rateOf(pool, samples);
    samples = Math.ceil((fusedRate * ROUND_MS) / 1_000);
    // The first round warms up both, and sizes the second's turns.
    if (round === 0) continue;
    rates.bare.push(bareRate);
    rates.fused.push(fusedRate);
    ratios.push(fusedRate / bareRate);
    process.stdout.write(
      `${String(round).padStart(5)}  ${format(bareRate, 16)}  ${format(fusedRate, 13)}  ${(fusedRate / bareRate).toFixed(3)}\n`,
    );
  }
  process.stdout.write(
    `median ${format(median(rates.bare), 16)}  ${format(median(rates.fused), 13)}  ${median(ratios).toFixed(3)}\n\n`,
  );
  for (const child of bare) child.disconnect();
  await pool.close();
  await benchNoise();
}

/** Samples a second through the sampler's own dispatch. */
async function rateOf(pool: ModelPool, samples: number): Promise<number> {
  const dimensions = pool.setup.shape.reduce((product, side) => product * side, 1);
  const pixels = Uint8Array.from({ length: dimensions }, (_, at) => (at * 2654435761) % 256);
  const tallies = [emptyTally({ example: 0, classes: pool.setup.classes })];
  const started = performance.now();
  await drawCounts({
    pool,
    key: [1, 2],
    phase: phases.estimation,
    mixed: true,
    tallies,
    looks: { at: [samples] },
    pixels: () => pixels,
  });
  return samples / ((performance.now() - started) / 1_000);
}

async function startBare(setup: BareSetup): Promise<ChildProcess> {
  const main = fileURLToPath(new URL('./bare-model-main.ts', import.meta.url));
  const child = fork(main, [], { serialization: 'advanced', execArgv: ['--import', 'tsx'] });
  await ask(child, setup);
  return child;
}

async function ask<T>(child: ChildProcess, message: BareSetup | { milliseconds: number }): Promise<T> {
  const answer = once(child, 'message') as Promise<[T]>;
  child.send(message);
  return (await answer)[0];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

function format(value: number, width: number): string {
  return Math.round(value).toLocaleString('en').padStart(width);
}
