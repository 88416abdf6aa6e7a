import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { drawCounts } from '../../certification/classifier/draw-counts.ts';
import { openModelPool, type ModelPool } from '../../certification/classifier/model-pool.ts';
import { makeNode, makeTensor } from '../../certification/classifier/graph/onnx.ts';
import { emptyTally, type Tally } from '../../certification/classifier/tally.ts';
import { drawShard, type ShardProgress } from '../../certification/draw-shard.ts';
import { latticeGaussian } from '../../certification/noise/lattice-gaussian.ts';
import { latticeNoise } from '../../certification/noise/lattice-noise.ts';
import { phases } from '../../certification/noise/phases.ts';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { buildModel } from '../models/build-model.ts';
import { linearModel } from '../models/linear-model.ts';
import { modelSetup } from '../models/model-setup.ts';
import { random } from '../models/random.ts';
import { resultBytes, runLocally, writeInputs } from '../support/run-locally.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const SIZE = 12;
const BATCH_SIZE = 16;
const SAMPLES = 100;
const SIGMA = 0.5;
const key: [number, number] = [0x12345678, 0x9abcdef0];
const next = random(3);
const weights = Array.from({ length: 3 }, () => Float32Array.from({ length: SIZE }, () => next() - 0.5));
const bias = [0.1, 0, -0.1];
const images = Array.from({ length: 5 }, () => Uint8Array.from({ length: SIZE }, () => Math.floor(256 * next())));
const pixels = (example: number) => images[example];

const linear = modelSetup(linearModel({ shape: [1, 3, 4], weights, bias }), { batchSize: BATCH_SIZE, sigma: SIGMA });

async function counts(pool: ModelPool, tallies: Tally[], mixed = true): Promise<number[][]> {
  await drawCounts({ pool, key, phase: phases.estimation, mixed, tallies, looks: { at: [SAMPLES] }, pixels });
  return tallies.map((tally) => tally.counts);
}

function untouched(): Tally[] {
  return images.map((_, example) => emptyTally({ example, classes: 3 }));
}

describe('the counts of a claim', () => {
  const pools: ModelPool[] = [];
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.close()));
  });
  async function open(processes: number): Promise<ModelPool> {
    const pool = await openModelPool(linear, processes);
    pools.push(pool);
    return pool;
  }

  it('are those of the plain twin: noise by the slow generator, classes by plain arithmetic', async () => {
    const table = latticeGaussian({ sigma: SIGMA, stepsPerUnit: 255 });
    const expected = images.map((image, example) => {
      const tally = [0, 0, 0, 0];
      for (let sample = 0; sample < SAMPLES; sample++) {
        const noise = latticeNoise({ table, key, dimensions: SIZE, example, sample, phase: phases.estimation });
        const logits = weights.map((row, k) =>
          row.reduce((sum, weight, at) => sum + (weight * (image[at] + noise[at])) / 255, bias[k]),
        );
        tally[logits.indexOf(Math.max(...logits))]++;
      }
      return tally;
    });
    expect(await counts(await open(1), untouched())).toEqual(expected);
  });

  it('are the same however the samples are cut, mixed and shared out', async () => {
    const [one, three] = [await open(1), await open(3)];
    const expected = await counts(one, untouched());
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: SAMPLES - 1 }), { maxLength: 5 }),
        fc.boolean(),
        fc.boolean(),
        async (cuts, shared, aligned) => {
          const ends = [...new Set(aligned ? cuts.map((cut) => cut - (cut % BATCH_SIZE)) : cuts), SAMPLES]
            .filter((end) => end > 0)
            .sort((a, b) => a - b);
          const pieces = ends.map((end, at): [number, number] => [ends[at - 1] ?? 0, end]);
          const tallies = untouched().map((tally) => ({
            ...tally,
            pending: pieces.map(([a, b]): [number, number] => [a, b]),
          }));
          expect(await counts(shared ? three : one, tallies, !aligned)).toEqual(expected);
        },
      ),
      { numRuns: 25, seed: 1 },
    );
  });
});

describe('a shard whose attempts are cut short anywhere', () => {
  it('ends in the counts of one attempt', async () => {
    const pool = await openModelPool(linear, 2);
    const examples = images.map((image, index) => ({ index, label: 0, pixels: image, moved: 0 }));
    const attempt = (options: {
      previous?: ShardProgress;
      signal?: AbortSignal;
      onProgress?: (p: () => ShardProgress) => void;
    }) =>
      drawShard({
        pool,
        key,
        phase: phases.estimation,
        mixed: true,
        examples,
        looks: { at: [2_000] },
        finish: (tally) => [...tally.counts],
        ...options,
      });
    const { outcomes: expected } = await attempt({});
    let previous: ShardProgress | undefined;
    let attempts = 0;
    for (;;) {
      const stop = new AbortController();
      let pieces = 0;
      let latest: ShardProgress | undefined;
      attempts++;
      try {
        const { outcomes } = await attempt({
          ...(previous && { previous }),
          signal: stop.signal,
          onProgress: (progress) => {
            // As a heartbeat would carry it.
            latest = JSON.parse(JSON.stringify(progress())) as ShardProgress;
            if (++pieces > attempts + 1) stop.abort(new Error('cut short'));
          },
        });
        expect(outcomes).toEqual(expected);
        break;
      } catch (error) {
        expect(error).toEqual(new Error('cut short'));
        previous = latest;
      }
    }
    expect(attempts).toBeGreaterThan(2);
    await pool.close();
  });
});

describe('a model process', () => {
  let pool: ModelPool | undefined;
  afterEach(() => pool?.close());

  it('that is killed fails the piece it was at, and is started again for the next', async () => {
    pool = await openModelPool(linear, 1);
    const request = { key, phase: phases.estimation, mixed: true };
    const segments = [{ example: 0, pixels: images[0], from: 0, to: 200 }];
    const whole = await pool.count({ ...request, segments });
    const long = pool.count({ ...request, segments: [{ ...segments[0], to: 50_000_000 }] });
    process.kill(pool.pids()[0], 'SIGKILL');
    await expect(long).rejects.toMatchObject({
      code: 'ModelProcessFailed',
      message: expect.stringContaining('SIGKILL') as string,
    });
    expect((await pool.count({ ...request, segments })).counts).toEqual(whole.counts);
  });

  it('refuses in one sentence what ONNX Runtime refuses', async () => {
    const fused = Buffer.from('no model');
    const refused = openModelPool({ ...linear, fused }, 1);
    await expect(refused).rejects.toMatchObject({
      code: 'InvalidModel',
      message: expect.stringMatching(/^ONNX Runtime refuses/) as string,
    });
  });

  it("refuses a model in which one example's logits depend on the others in its batch", async () => {
    const batchCentred = buildModel({
      shape: [1, 3, 4],
      classes: 3,
      initializers: [
        makeTensor(
          'w',
          [SIZE, 3],
          Float32Array.from({ length: 3 * SIZE }, (_, at) => weights[at % 3][Math.floor(at / 3)]),
        ),
      ],
      nodes: [
        makeNode('Flatten', { input: ['input'], output: ['flat'] }, { axis: 1n }),
        makeNode('MatMul', { input: ['flat', 'w'], output: ['scores'] }),
        makeNode('ReduceMean', { input: ['scores'], output: ['mean'] }, { axes: [0n], keepdims: 1n }),
        makeNode('Sub', { input: ['scores', 'mean'], output: ['logits'] }),
      ],
    });
    const refused = openModelPool(modelSetup(batchCentred, { batchSize: BATCH_SIZE, sigma: SIGMA }), 1);
    await expect(refused).rejects.toThrow(PerimeterError);
    await expect(refused).rejects.toThrow(/mixes the examples of a batch/);
  });
});

describe("a model whose logits depend a little on an example's place in the batch, and on its neighbours there", () => {
  it.each([
    { mode: 'fixed', statistics: { n: 12 } },
    { mode: 'sequential', statistics: { n: 200, radii: [0, 0.2], skipMisclassified: false } },
  ])(
    'gives the same results for every shard size and number of processes all the same, $mode',
    async ({ statistics }) => {
      const folder = temporaryFolder();
      const byPlace = buildModel({
        shape: [1, 3, 4],
        classes: 2,
        batch: BATCH_SIZE,
        initializers: [
          makeTensor(
            'w',
            [SIZE, 2],
            Float32Array.from({ length: 2 * SIZE }, (_, at) => weights[at % 2][Math.floor(at / 2)]),
          ),
          makeTensor('little', [2], Float32Array.of(0.15, -0.15)),
          makeTensor(
            'places',
            [BATCH_SIZE, 2],
            Float32Array.from({ length: 2 * BATCH_SIZE }, (_, at) => 20 + 0.001 * ((7 * at) % 11)),
          ),
        ],
        nodes: [
          makeNode('Flatten', { input: ['input'], output: ['flat'] }, { axis: 1n }),
          makeNode('MatMul', { input: ['flat', 'w'], output: ['scores'] }),
          makeNode('ReduceMean', { input: ['scores'], output: ['mean'] }, { axes: [0n], keepdims: 1n }),
          makeNode('Mul', { input: ['mean', 'little'], output: ['neighbours'] }),
          makeNode('Add', { input: ['scores', 'neighbours'], output: ['nudged'] }),
          makeNode('Add', { input: ['nudged', 'places'], output: ['logits'] }),
        ],
      });
      // The estimation has rows to spare after a selection that filled them: what is left there would show.
      const many = Array.from({ length: 60 }, () => Uint8Array.from({ length: SIZE }, () => Math.floor(256 * next())));
      const inputs = writeInputs({ folder, model: byPlace, images: many, labels: many.map(() => 0), shape: [3, 4] });
      const request = { ...inputs, sigma: SIGMA, n0: 16, ...statistics, seed: 'place', out: folder };
      const run = async (shardSize: number, processes: number) => {
        const result = await runLocally({ ...request, shardSize }, { processes });
        expect(result.plan.claim.arithmetic.batchInvariant).toBe(false);
        return resultBytes(result.folder);
      };
      const reference = await run(60, 1);
      expect(await run(7, 1)).toEqual(reference);
      expect(await run(13, 3)).toEqual(reference);
    },
  );
});
