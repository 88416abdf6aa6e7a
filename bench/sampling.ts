import { availableParallelism } from 'node:os';
import { inspectModel } from '../certification/classifier/graph/inspect-model.ts';
import { openModelPool } from '../certification/classifier/model-pool.ts';
import { cpu } from '../certification/records/device.ts';
import { cnnModel } from '../test/models/cnn-model.ts';
import { modelSetup } from '../test/models/model-setup.ts';
import { startBareModel, type BareSetup } from './bare-model.ts';
import { median } from './median.ts';
import { benchNoise } from './noise.ts';
import { samplerRate } from './sampler-rate.ts';

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
    input: { name: description.input.name, dims: [BATCH_SIZE, ...shape] },
    output: description.output.name,
    threads: THREADS,
    device: cpu,
  };
  const bare = await Promise.all(Array.from({ length: processes }, () => startBareModel(setup)));
  const ratios: number[] = [];
  const rates: { bare: number[]; fused: number[] } = { bare: [], fused: [] };
  process.stdout.write(
    `CNN of 77 MFLOP at ${shape.join('×')}, batch ${BATCH_SIZE}, ${processes} processes × ${THREADS} thread, sigma ${SIGMA}\n`,
  );
  process.stdout.write('round  bare session.run  fused sampler  ratio   (samples/s)\n');
  let samples = 2_000;
  for (let round = 0; round <= ROUNDS; round++) {
    const runRates = await Promise.all(bare.map((model) => model.runsPerSecond(ROUND_MS)));
    const bareRate = BATCH_SIZE * sum(runRates);
    const { samplesPerSecond: fusedRate } = await samplerRate(pool, samples);
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
  for (const model of bare) model.close();
  await pool.close();
  await benchNoise();
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function format(value: number, width: number): string {
  return Math.round(value).toLocaleString('en').padStart(width);
}
