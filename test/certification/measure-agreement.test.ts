import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { convertToHalf } from '../../certification/classifier/half/convert-to-half.ts';
import { roundHalves } from '../../certification/classifier/half/round-halves.ts';
import { measureAgreement } from '../../certification/measure-agreement.ts';
import { latticeGaussian } from '../../certification/noise/lattice-gaussian.ts';
import { latticeNoise } from '../../certification/noise/lattice-noise.ts';
import { noiseKey } from '../../certification/noise/noise-key.ts';
import { phases } from '../../certification/noise/phases.ts';
import { jsonDigest, sha256Hex } from '../../certification/records/canonical-json.ts';
import { parseRequest } from '../../certification/records/parse-request.ts';
import { lowerBound } from '../../certification/smoothing/lower-bound.ts';
import { upperBound } from '../../certification/smoothing/upper-bound.ts';
import { runFused } from '../classifier/run-fused.ts';
import { layersModel } from '../models/layers-model.ts';
import { random } from '../models/random.ts';
import { fashionMnist } from '../support/fashion-mnist.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { writeIdx } from '../support/write-idx.ts';

const sigma = 0.25;
const examples = 6;
const samples = 40;

const next = random(2);
const images = Array.from({ length: 13 }, () => Uint8Array.from({ length: 64 }, () => Math.floor(256 * next())));

/** Random images and a model of them on disk. */
function inputs(model: Uint8Array) {
  const folder = temporaryFolder();
  const path = join(folder, 'm.onnx');
  writeFileSync(path, model);
  const dataset = writeIdx({ folder, shape: [8, 8], images, labels: images.map((_, at) => at % 10) });
  return { request: parseRequest({ model: path, sigma, ...dataset }, 'the test'), model, processes: 2 };
}

/** A network of one-channel images with two layers before the last, whose answer changes with the noise. */
const model = (seed: number, opset = 17) =>
  layersModel({ channels: 6, shape: [1, 8, 8], opset, seed }, (layers, input) => {
    const centred = layers.node('Sub', [input, layers.constant([], Float32Array.of(0.5))]);
    const whole = layers.node('Conv', [centred, layers.weights([6, 1, 8, 8])]);
    return layers.node('Conv', [layers.node('Tanh', [whole]), layers.weights([6, 6, 1, 1])]);
  });

describe('measureAgreement', () => {
  it('finds the Fashion-MNIST example and its half-precision form at one on nearly all noisy samples', async () => {
    const bytes = new Uint8Array(readFileSync(fashionMnist.model));
    const request = parseRequest(fashionMnist, 'the test');
    const half = convertToHalf(bytes).bytes;
    const found = await measureAgreement({ request, model: bytes, half, examples: 50, samples: 40, processes: 2 });
    expect(found).toMatchObject({ sigma: 0.25, examples: 50, samples: 2_000, notNumbers: 0, unreadable: 0 });
    // 8 of 100,000 differ.
    expect(found.same).toBeGreaterThanOrEqual(1_996);
    expect(found.rate).toBe(found.same / 2_000);
    expect(found.lower).toBe(lowerBound({ count: found.same, n: 2_000, alpha: 0.0005 }).lowerBound);
    expect(found.upper).toBe(upperBound({ count: found.same, n: 2_000, alpha: 0.0005 }));
  });

  it.each([17, 18])('counts what both models make of the same lattice samples, opset %i', async (opset) => {
    const setup = inputs(model(1, opset));
    // Another network: the two are to differ often.
    const half = convertToHalf(model(2, opset)).bytes;
    const found = await measureAgreement({ ...setup, half, examples, samples });

    const digest = jsonDigest([sha256Hex(setup.model), sha256Hex(half), sigma]);
    const key = noiseKey({ seed: 'agreement', claimDigest: digest });
    const table = latticeGaussian({ sigma, stepsPerUnit: 255 });
    // Every second of 13.
    const rows = [0, 2, 4, 6, 8, 10].flatMap((example) =>
      Array.from({ length: samples }, (_, sample) => {
        const drawn = { table, key, dimensions: 64, example, sample, phase: phases.estimation };
        return Array.from(latticeNoise(drawn), (noise, at) => images[example][at] + noise);
      }),
    );
    const [ours, theirs] = [await runFused(setup.model, rows), await runFused(roundHalves(half, 'it'), rows)];
    const same = ours.topClass.filter((k, row) => theirs.topClass[row] === k).length;
    expect(same).toBeGreaterThan(10);
    expect(same).toBeLessThan(examples * samples - 10);
    expect(found).toMatchObject({ examples, samples: examples * samples, same, notNumbers: 0 });
  });

  it('counts samples that give no number, as a model does whose inner values overflow', async () => {
    const overflowing = layersModel({ channels: 6, shape: [1, 8, 8] }, (layers, input) => {
      const large = layers.node('Conv', [input, layers.weights([6, 1, 1, 1], { scale: 6e4 })]);
      return layers.node('Conv', [large, layers.weights([6, 6, 1, 1], { scale: 1e-2 })]);
    });
    const setup = inputs(overflowing);
    const half = convertToHalf(overflowing).bytes;
    const found = await measureAgreement({ ...setup, half, examples, samples });
    expect(found.notNumbers).toBeGreaterThan(50);
    expect(found.same + found.notNumbers).toBeLessThanOrEqual(found.samples);
  });

  it('normalises as the request says', async () => {
    const setup = inputs(model(1));
    const half = convertToHalf(setup.model).bytes;
    const measure = (std: number[]) => {
      const normalisation = { mean: std.map(() => 0.5), std };
      return measureAgreement({ ...setup, request: { ...setup.request, normalisation }, half, examples, samples });
    };
    expect((await measure([1])).same).toBeGreaterThan(230);
    // A pixel then lies beyond the largest half.
    expect((await measure([1e-7])).same).toBeLessThan(200);
    await expect(measure([1, 1])).rejects.toThrow(/normalisation\.mean has 2 values/);
  });
});
