import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { deviceNoiseCounter, type DeviceBatch } from '../../certification/classifier/process/draw-device-noise.ts';
import { fuseModel } from '../../certification/classifier/graph/fuse-model.ts';
import { inspectModel } from '../../certification/classifier/graph/inspect-model.ts';
import { openModelPool } from '../../certification/classifier/model-pool.ts';
import { decodeModel } from '../../certification/classifier/graph/onnx.ts';
import { withNoiseSeed } from '../../certification/classifier/graph/with-noise-seed.ts';
import { phases } from '../../certification/noise/phases.ts';
import { normalCdf } from '../../certification/smoothing/normal-cdf.ts';
import { cnnModel, tinyCnn } from '../models/cnn-model.ts';
import { elementwiseModel } from '../models/elementwise-model.ts';
import { linearOracleModel } from '../models/linear-oracle-model.ts';
import { modelSetup } from '../models/model-setup.ts';
import { randomLattice, runFused } from './run-fused.ts';

// The graph is the one that CUDA runs. On the CPU another generator draws, good enough for what is tested here.

const SIZE = 512;
const ROWS = 64;

function fused(
  bytes: Uint8Array,
  { seed, batchSize, stepsPerUnit = 1 }: { seed?: number; batchSize: number; stepsPerUnit?: number },
) {
  const description = inspectModel(bytes);
  const model = fuseModel(bytes, { description, stepsPerUnit, elementType: 'int16', batchSize, deviceNoise: true });
  return seed === undefined ? model : withNoiseSeed(model, seed);
}

/** A session that hands out batches: what the model was given, in lattice steps, and the first normals. */
async function openNoise({ seed }: { seed: number }) {
  const model = fused(elementwiseModel({ classes: SIZE, operator: 'Identity' }), { seed, batchSize: ROWS });
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
  onTestFinished(() => session.release());
  return async (lattice: ArrayLike<number>, scale: number) => {
    const rows = lattice.length / SIZE;
    const feeds = {
      lattice: new Tensor('int16', Int16Array.from(lattice), [rows, SIZE]),
      noise_scale: new Tensor('float32', Float32Array.of(scale), []),
    };
    const outputs = await session.run(feeds);
    return { given: outputs.logits.data as Float32Array, head: outputs.noise_head.data as Float32Array };
  };
}

const ramp = Array.from({ length: SIZE }, (_, at) => at - 100);

describe('a model that draws its own noise', () => {
  it('gives integers: each clean value and the rounded Gaussian, of mean 0 and variance s² + 1/12, never clipped', async () => {
    const noise = await openNoise({ seed: 5 });
    const s = 63.75;
    const runs = 16;
    const counts = new Map<number, number>();
    let [sum, squares, fractions] = [0, 0, 0];
    for (let run = 0; run < runs; run++) {
      const { given } = await noise(ramp, s);
      given.forEach((value, at) => {
        const k = value - ramp[at % SIZE];
        if (!Number.isInteger(k)) fractions++;
        counts.set(k, (counts.get(k) ?? 0) + 1);
        sum += k;
        squares += k * k;
      });
    }
    expect(fractions).toBe(0);
    const drawn = runs * ROWS * SIZE;
    const variance = s * s + 1 / 12;
    expect(Math.abs(sum / Math.sqrt(drawn * variance))).toBeLessThan(4.5);
    expect(Math.abs((squares - drawn * variance) / (variance * Math.sqrt(2 * drawn)))).toBeLessThan(4.5);
    // The Kolmogorov–Smirnov distance to the discretised Gaussian (Dvoretzky, Kiefer & Wolfowitz; Massart 1990): p = 1e-6.
    let below = 0;
    let largest = 0;
    for (let k = Math.min(...counts.keys()); k <= Math.max(...counts.keys()); k++) {
      below += (counts.get(k) ?? 0) / drawn;
      largest = Math.max(largest, Math.abs(below - normalCdf((k + 0.5) / s)));
    }
    expect(largest).toBeLessThan(Math.sqrt(Math.log(2 / 1e-6) / (2 * drawn)));
    // Pixels from −100 to 411 with noise beyond 4 s on both sides.
    expect(Math.max(...counts.keys())).toBeGreaterThan(4 * s);
    expect(Math.min(...counts.keys())).toBeLessThan(-4 * s);
  });

  it('draws every row, and every batch, anew', async () => {
    const noise = await openNoise({ seed: 6 });
    const zeros = new Array<number>(SIZE).fill(0);
    const first = (await noise(zeros, 10)).given;
    const second = (await noise(zeros, 10)).given;
    const row = (given: Float32Array, at: number) => given.subarray(at * SIZE, (at + 1) * SIZE);
    const correlation = (x: Float32Array, y: Float32Array) =>
      x.reduce((sum, value, at) => sum + value * y[at], 0) / (100 * Math.sqrt(SIZE));
    for (let at = 1; at < ROWS; at++) {
      expect(Math.abs(correlation(row(first, 0), row(first, at)))).toBeLessThan(4.5);
      expect(Math.abs(correlation(row(first, at), row(second, at)))).toBeLessThan(4.5);
    }
  });

  it('draws by its seed: the same again in another session of the same seed, another by another', async () => {
    const draw = async (seed: number) => (await (await openNoise({ seed }))(ramp, 8)).given;
    const [once, again, other] = [await draw(9), await draw(9), await draw(10)];
    expect(again).toEqual(once);
    const equal = other.filter((value, at) => value === once[at]).length;
    // P(k = k') of two of s = 8 is 0.035.
    expect(equal / other.length).toBeLessThan(0.05);
  });

  it('shows the first normals of a batch, before they are scaled', async () => {
    const noise = await openNoise({ seed: 11 });
    const { given, head } = await noise(ramp, 1_000);
    expect(head).toHaveLength(16);
    head.forEach((z, at) => {
      expect(given[at]).toBe(ramp[at] + Math.round(Math.fround(z * 1_000)));
    });
  });

  it.each(['NCHW', 'NHWC'] as const)(
    'is without noise, at scale 0, the model that exact noise is added to: %s',
    async (layout) => {
      const bytes = cnnModel({ shape: [3, 8, 12], convolutions: tinyCnn, layout });
      const rows = randomLattice(16, 288);
      const exact = await runFused(bytes, rows);
      const session = await InferenceSession.create(fused(bytes, { batchSize: 16, stepsPerUnit: 255 }));
      onTestFinished(() => session.release());
      const { logits, top_class: topClass } = await session.run({
        lattice: new Tensor('int16', Int16Array.from(rows.flat()), [16, 3, 8, 12]),
        noise_scale: new Tensor('float32', Float32Array.of(0), []),
      });
      expect([...(logits.data as Float32Array)]).toEqual(exact.logits.flat());
      expect([...(topClass.data as Int32Array)]).toEqual(exact.topClass);
    },
  );

  it('has no operator that CUDA has no kernel for, and draws in a fixed shape', () => {
    const bytes = elementwiseModel({ classes: 4, operator: 'Identity' });
    const graph = decodeModel(fused(bytes, { batchSize: 8 })).graph;
    const added = graph?.node.slice(0, 15).map(({ opType }) => opType);
    expect(added).toEqual([
      ...['Constant', 'Constant', 'Constant', 'Constant'],
      ...['Cast', 'Expand', 'RandomNormalLike', 'Reshape', 'Slice', 'Mul', 'Round', 'Cast', 'Add', 'Cast', 'Constant'],
    ]);
    const shape = graph?.node[0].attribute[0].t?.rawData;
    expect([...new BigInt64Array(Uint8Array.from(shape ?? []).buffer)]).toEqual([8n, 4n]);
  });

  it('has no seed to be given where it was fused for exact noise', () => {
    const bytes = elementwiseModel({ classes: 4, operator: 'Identity' });
    const description = inspectModel(bytes);
    const exact = fuseModel(bytes, { description, stepsPerUnit: 1, elementType: 'int16', batchSize: 8 });
    expect(() => withNoiseSeed(exact, 1)).toThrow(/without device noise/);
  });
});

describe('counting under device noise', () => {
  const setup = { batchSize: 4, classes: 2, elementType: 'int16', sigma: 0.5, stepsPerUnit: 255 } as const;
  const pixels = (value: number) => Uint8Array.of(value, value);

  /** A device that answers with rows of classes in turn, and notes what it is given. */
  function device(rows: number[][], heads: (run: number) => number[] = (run) => [run]) {
    const given: { lattice: number[]; noiseScale: number }[] = [];
    const run = ({ lattice, noiseScale }: { lattice: ArrayLike<number>; noiseScale: number }): Promise<DeviceBatch> => {
      given.push({ lattice: Array.from(lattice), noiseScale });
      return Promise.resolve({ topClass: rows[given.length - 1], noiseHead: heads(given.length) });
    };
    return { given, count: deviceNoiseCounter({ setup, run }) };
  }

  it('gives each batch to one example, clean, and counts no row beyond what was asked for', async () => {
    const { given, count } = device([
      [1, 1, 0, 1],
      [0, -1, 1, 1],
      [0, 0, 0, 0],
    ]);
    const segments = [
      { example: 3, pixels: pixels(30), from: 8, to: 14 },
      { example: 5, pixels: pixels(50), from: 0, to: 1 },
    ];
    const { counts, batches } = await count({ segments });
    expect(batches).toBe(3);
    expect(given.map(({ lattice }) => lattice)).toEqual([
      [30, 30],
      [30, 30],
      [50, 50],
    ]);
    expect(given.every(({ noiseScale }) => noiseScale === 127.5)).toBe(true);
    // Rows 2 and 3 of the second batch are nobody's; −1 counts as NaN.
    expect(counts.map((each) => [...each])).toEqual([
      [2, 3, 1],
      [1, 0, 0],
    ]);
  });

  it('refuses a generator that stands still, as within a recorded CUDA graph it would', async () => {
    const { count } = device(
      [
        [1, 1, 0, 1],
        [1, 1, 0, 1],
        [0, 0, 0, 0],
      ],
      () => [0.5, -1.25],
    );
    const segments = [{ example: 3, pixels: pixels(30), from: 0, to: 4 }];
    await count({ segments });
    await expect(count({ segments })).rejects.toThrow(/same noise twice/);
  });

  it('finds in a model process the probability that exact noise finds, and the same probe', async () => {
    const weights = Float32Array.from({ length: 16 }, (_, at) => (at % 3) - 1);
    const norm = Math.hypot(...weights);
    const image = Uint8Array.from({ length: 16 }, (_, at) => 16 * at);
    const clean = image.reduce((sum, pixel, at) => sum + (pixel / 255) * weights[at], 0);
    // Half a standard deviation on the positive side.
    const model = linearOracleModel({ shape: [1, 4, 4], weights, bias: 0.5 * 0.25 * norm - clean });
    const exact = modelSetup(model, { batchSize: 32, sigma: 0.25 });
    const description = inspectModel(model);
    const options = { description, stepsPerUnit: 255, elementType: 'int16', batchSize: 32, deviceNoise: true } as const;
    const pool = await openModelPool({ ...exact, fused: fuseModel(model, options), deviceNoise: { key: [1, 2] } }, 1);
    onTestFinished(() => pool.close());
    const reference = await openModelPool(exact, 1);
    onTestFinished(() => reference.close());
    expect(pool.probe).toEqual(reference.probe);
    const n = 20_000;
    const segments = [{ example: 0, pixels: image, from: 0, to: n }];
    const { counts } = await pool.count({ key: [1, 2], phase: phases.estimation, segments, mixed: false });
    const p = normalCdf(0.5);
    expect(counts[0][0] + counts[0][1]).toBe(n);
    expect(Math.abs(counts[0][1] - n * p) / Math.sqrt(n * p * (1 - p))).toBeLessThan(4.5);
    const pieces = Array.from({ length: 8 }, (_, at) => ({ ...segments[0], from: 320 * at, to: 320 * (at + 1) }));
    const again = () => pool.count({ key: [1, 2], phase: phases.estimation, segments: pieces, mixed: false });
    expect((await again()).counts).not.toEqual((await again()).counts);
  });
});
