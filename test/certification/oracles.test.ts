import { describe, expect, it } from 'vitest';
import { radius } from '../../certification/smoothing/radius.ts';
import { coinFlipModel } from '../models/coin-flip-model.ts';
import { constantModel } from '../models/constant-model.ts';
import { linearOracleModel } from '../models/linear-oracle-model.ts';
import { nanModel } from '../models/nan-model.ts';
import { random } from '../models/random.ts';
import { runLocally, writeInputs } from '../support/run-locally.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const HEIGHT = 4;
const WIDTH = 4;
const SIZE = HEIGHT * WIDTH;
const shape: [number, number] = [HEIGHT, WIDTH];

function randomImages(count: number, seed: number): Uint8Array[] {
  const next = random(seed);
  return Array.from({ length: count }, () => Uint8Array.from({ length: SIZE }, () => Math.floor(256 * next())));
}

function linearCase() {
  const next = random(7);
  const weights = Float32Array.from({ length: SIZE }, () => next() - 0.5);
  const norm = Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0));
  const images = randomImages(200, 11);
  const dot = (image: Uint8Array) => weights.reduce((sum, weight, at) => sum + (weight * image[at]) / 255, 0);
  const bias = -dot(new Uint8Array(SIZE).fill(127));
  const distances = images.map((image) => (dot(image) + bias) / norm);
  const labels = distances.map((distance) => (distance > 0 ? 1 : 0));
  return { images, labels, distances, model: linearOracleModel({ shape: [1, HEIGHT, WIDTH], weights, bias }) };
}

describe('a linear classifier, whose true radius is |w·x + b| / ‖w‖ at every sigma', () => {
  const { images, labels, distances, model } = linearCase();

  async function certify({
    sigma,
    n,
    bound,
    limit = images.length,
  }: {
    sigma: number;
    n: number;
    bound: 'runner-up' | 'clopper-pearson';
    limit?: number;
  }) {
    const folder = temporaryFolder();
    const inputs = writeInputs({ folder, model, images, labels, shape });
    const { certificates } = await runLocally({
      ...inputs,
      sigma,
      n,
      alpha: 0.05,
      bound,
      limit,
      seed: 'linear',
      batchSize: 512,
      out: folder,
    });
    return certificates;
  }

  it.each([
    { sigma: 0.12, bound: 'clopper-pearson' as const },
    { sigma: 0.5, bound: 'clopper-pearson' as const },
    { sigma: 0.5, bound: 'runner-up' as const },
  ])('never has more than it beyond the alpha-share (sigma $sigma, $bound)', async ({ sigma, bound }) => {
    const certificates = await certify({ sigma, n: 500, bound });
    const wrong = certificates.filter(
      ({ status, prediction, radius: claimed }, at) =>
        status === 'certified' && (prediction !== labels[at] || claimed > Math.abs(distances[at])),
    );
    const alphaShare = 0.05 * images.length;
    expect(wrong.length).toBeLessThanOrEqual(alphaShare + 4 * Math.sqrt(alphaShare * 0.95));
    // Not vacuous: most are certified.
    expect(certificates.filter(({ status }) => status === 'certified').length).toBeGreaterThan(images.length / 2);
  });

  it('is approached as n grows', async () => {
    const shareOfTruth = async (n: number) => {
      const certificates = await certify({ sigma: 0.25, n, bound: 'clopper-pearson', limit: 60 });
      // Within reach: at alpha 0.05 even n agreeing samples of 200 certify no more than 2.17 sigma.
      const reachable = certificates.filter((_, at) => Math.abs(distances[at]) < 0.4 && Math.abs(distances[at]) > 0.05);
      const claimed = reachable.reduce((sum, row) => sum + row.radius, 0);
      return claimed / reachable.reduce((sum, { index }) => sum + Math.abs(distances[index]), 0);
    };
    const [few, many, most] = [await shareOfTruth(200), await shareOfTruth(2_000), await shareOfTruth(20_000)];
    expect(few).toBeLessThan(many);
    expect(many).toBeLessThan(most);
    expect(most).toBeGreaterThan(0.96);
    expect(most).toBeLessThan(1.005);
  });
});

describe('a linear classifier in sequential mode', () => {
  it('has no more of the given radii than its true one beyond the alpha-share', async () => {
    const { images, labels, distances, model } = linearCase();
    const folder = temporaryFolder();
    const inputs = writeInputs({ folder, model, images, labels, shape });
    const radii = [0.1, 0.2];
    const request = { ...inputs, sigma: 0.25, n: 20_000, alpha: 0.05, radii, skipMisclassified: false, batchSize: 512 };
    const { certificates, summary } = await runLocally({ ...request, seed: 'linear', out: folder });
    const wrong = certificates.filter(
      ({ status, prediction, radius: claimed }, at) =>
        status === 'certified' && (prediction !== labels[at] || claimed > Math.abs(distances[at])),
    );
    const alphaShare = 0.05 * images.length;
    expect(wrong.length).toBeLessThanOrEqual(alphaShare + 4 * Math.sqrt(alphaShare * 0.95));
    // Not vacuous: nearly all radii that are clearly true are certified, by few of the samples.
    const clear = certificates.filter((_, at) => Math.abs(distances[at]) > 0.25);
    expect(clear.filter(({ radius: claimed }) => claimed >= 0.2).length).toBeGreaterThan(0.9 * clear.length);
    expect(summary.samples).toBeLessThan(0.5 * images.length * 20_100);
  });
});

describe('a constant classifier', () => {
  it('certifies −σ Φ⁻¹(1 − α^{1/n}) less only the recorded noise budget', async () => {
    const folder = temporaryFolder();
    const model = constantModel({ shape: [1, HEIGHT, WIDTH], classes: 5, winner: 3 });
    const inputs = writeInputs({ folder, model, images: randomImages(3, 2), labels: [3, 3, 1], shape });
    const [sigma, n, alpha] = [0.25, 100_000, 0.001];
    const { certificates, plan } = await runLocally({
      ...inputs,
      sigma,
      n,
      alpha,
      bound: 'clopper-pearson',
      out: folder,
    });
    const { budget } = plan.claim.noise;
    expect(budget).toBeGreaterThan(0);
    expect(budget).toBeLessThan(1e-12);
    // 1 − 0.001^(1/100000), by Python's decimal with 40 digits.
    const q = 6.907516699060703e-5;
    const whole = radius({ sigma, oneMinusLowerBound: q });
    const lessBudget = radius({ sigma, oneMinusLowerBound: q + budget });
    for (const row of certificates) {
      expect(row).toMatchObject({ status: 'certified', prediction: 3, count: n, runnerUpCount: 0 });
      expect(row.radius).toBeLessThanOrEqual(whole);
      // The budget shows: it takes off ten times what the comparison lets pass.
      expect(Math.abs(row.radius / lessBudget - 1)).toBeLessThan(4e-14);
      expect(1 - row.radius / whole).toBeGreaterThan(4e-13);
    }
    expect(certificates.map(({ correct }) => correct)).toEqual([true, true, false]);
  });
});

describe('a classifier that flips a coin on the noisy lattice', () => {
  it.each([
    { bound: 'clopper-pearson' as const, alpha: 0.001 },
    { bound: 'runner-up' as const, alpha: 0.001 },
    { bound: 'runner-up' as const, alpha: 0.05 },
  ])('is certified on no more than alpha of 10,000 examples ($bound, alpha $alpha)', async ({ bound, alpha }) => {
    const folder = temporaryFolder();
    const examples = 10_000;
    const images = randomImages(examples, 5);
    const model = coinFlipModel({ shape: [1, HEIGHT, WIDTH] });
    const inputs = writeInputs({ folder, model, images, labels: images.map(() => 0), shape });
    const { certificates, summary } = await runLocally({
      ...inputs,
      sigma: 0.25,
      n0: 16,
      n: 128,
      alpha,
      bound,
      seed: 'coin',
      shardSize: 256,
      batchSize: 1024,
      out: folder,
    });
    const certified = certificates.filter(({ status }) => status === 'certified').length;
    const expected = alpha * examples;
    expect(certified).toBeLessThanOrEqual(expected + 4 * Math.sqrt(expected * (1 - alpha)));
    expect(summary.examples).toBe(examples);
    // Fair, or the test says nothing: the counts have the mean and the spread of a coin's.
    const mean = certificates.reduce((sum, { count }) => sum + count, 0) / examples;
    expect(Math.abs(mean - 64)).toBeLessThan(4 * Math.sqrt(32 / examples));
    const variance = certificates.reduce((sum, { count }) => sum + (count - mean) ** 2, 0) / examples;
    expect(Math.abs(variance - 32)).toBeLessThan(4 * 32 * Math.sqrt(2 / examples));
  });
});

describe('a classifier that flips a coin, in sequential mode', () => {
  it('is certified at radius 0 on no more than alpha of 10,000 examples', async () => {
    const folder = temporaryFolder();
    const examples = 10_000;
    const images = randomImages(examples, 6);
    const model = coinFlipModel({ shape: [1, HEIGHT, WIDTH] });
    const inputs = writeInputs({ folder, model, images, labels: images.map(() => 0), shape });
    const alpha = 0.05;
    const { certificates } = await runLocally({
      ...inputs,
      sigma: 0.25,
      n0: 16,
      n: 256,
      alpha,
      radii: [0],
      skipMisclassified: false,
      seed: 'coin',
      shardSize: 256,
      batchSize: 1024,
      out: folder,
    });
    const certified = certificates.filter(({ status }) => status === 'certified').length;
    const expected = alpha * examples;
    const deviation = Math.sqrt(expected * (1 - alpha));
    expect(certified).toBeLessThanOrEqual(expected + 4 * deviation);
    // The level is spent: half of alpha would be caught.
    expect(certified).toBeGreaterThan(0.5 * expected);
  });
});

describe('a classifier that answers NaN', () => {
  it('fails the examples that it always answers so, and certifies the others', async () => {
    const folder = temporaryFolder();
    const model = nanModel({ shape: [1, HEIGHT, WIDTH], classes: 3, winner: 2, level: 0.75 });
    const images = [new Uint8Array(SIZE).fill(10), new Uint8Array(SIZE).fill(255), new Uint8Array(SIZE).fill(191)];
    const inputs = writeInputs({ folder, model, images, labels: [2, 2, 2], shape });
    const request = { ...inputs, sigma: 0.1, n: 500, out: folder, maxFailedShare: 0.5 };
    const { certificates, summary } = await runLocally(request);
    expect(certificates.map(({ status }) => status)).toEqual(['certified', 'failed', 'abstained']);
    expect(certificates[1].reason).toContain('NaN for all 100 samples of the selection');
    // About half of the third's samples are NaN: they count, and count against its class.
    expect(certificates[2].count).toBeGreaterThan(150);
    expect(certificates[2].count + certificates[2].runnerUpCount).toBe(500);
    expect(summary).toMatchObject({ examples: 3, certified: 1, abstained: 1, failed: 1 });
  });
});
