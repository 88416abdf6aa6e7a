import { describe, expect, it } from 'vitest';
import { openDataset } from '../../certification/datasets/open-dataset.ts';
import { latticeExample } from '../../certification/lattice-example.ts';
import type { Certificate } from '../../certification/records/certificate.ts';
import type { Norm } from '../../certification/records/norm.ts';
import type { RequestInput } from '../../certification/records/request.ts';
import { certify } from '../../certification/smoothing/certify.ts';
import { normalCdf } from '../../certification/smoothing/normal-cdf.ts';
import { linearOracleModel } from '../models/linear-oracle-model.ts';
import { random } from '../models/random.ts';
import { runLocally, writeInputs } from '../support/run-locally.ts';
import { smallRequest } from '../support/small-runs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const SIZE = 16;
const ALPHA = 0.05;

interface Linear {
  readonly images: Uint8Array[];
  readonly labels: number[];
  /** |w·x + b| over the norm of w that is dual to the radius's. */
  readonly distances: Readonly<Record<Norm, number[]>>;
  readonly model: Uint8Array;
}

/** A classifier of random images by the sign of w·x + b, its boundary half a step off the lattice, and the true distances. */
function linearCase(weightAt: (at: number, next: () => number) => number, images: number): Linear {
  const next = random(7);
  const weights = Float32Array.from({ length: SIZE }, (_, at) => weightAt(at, next));
  const pixels = random(11);
  const examples = Array.from({ length: images }, () =>
    Uint8Array.from({ length: SIZE }, () => Math.floor(256 * pixels())),
  );
  const dot = (image: ArrayLike<number>) => weights.reduce((sum, weight, at) => sum + (weight * image[at]) / 255, 0);
  const bias = -dot(new Float32Array(SIZE).fill(127.5));
  const values = examples.map((image) => dot(image) + bias);
  const sizes = [...weights].map(Math.abs);
  const dual = {
    l2: Math.sqrt(sizes.reduce((sum, size) => sum + size * size, 0)),
    l1: Math.max(...sizes),
    linf: sizes.reduce((sum, size) => sum + size, 0),
  };
  const over = (length: number) => values.map((value) => Math.abs(value) / length);
  return {
    images: examples,
    labels: values.map((value) => (value > 0 ? 1 : 0)),
    distances: { l2: over(dual.l2), l1: over(dual.l1), linf: over(dual.linf) },
    model: linearOracleModel({ shape: [1, 4, 4], weights, bias }),
  };
}

/** One weight alone, where p = ½ + distance/2λ while the distance is below λ: nothing of the ℓ1 radius is lost. */
const single = linearCase((at) => (at === 5 ? 1 : 0), 200);
/** One weight above the others. */
const dominant = linearCase((at, next) => (at === 5 ? 1 : 0.3 * (next() - 0.5)), 200);
/** Weights of one size, where ‖w‖₁ = √d ‖w‖₂: nothing of the ℓ∞ radius is lost. */
const even = linearCase((_, next) => (next() < 0.5 ? -0.5 : 0.5), 200);
const uneven = linearCase((_, next) => next() - 0.5, 200);

async function run(of: Linear, request: Partial<RequestInput>): Promise<Certificate[]> {
  const folder = temporaryFolder();
  const inputs = writeInputs({ folder, model: of.model, images: of.images, labels: of.labels, shape: [4, 4] });
  const common = { n: 500, alpha: ALPHA, seed: 'norms', batchSize: 512, out: folder };
  return (await runLocally({ ...inputs, ...common, ...request })).certificates;
}

function expectNoMoreThanTrue(certificates: readonly Certificate[], { labels, distances }: Linear, norm: Norm) {
  const wrong = certificates.filter(
    ({ status, prediction, radius }, at) =>
      status === 'certified' && (prediction !== labels[at] || radius > distances[norm][at]),
  );
  const share = ALPHA * certificates.length;
  expect(wrong.length).toBeLessThanOrEqual(share + 4 * Math.sqrt(share * (1 - ALPHA)));
  // Not vacuous: most are certified.
  expect(certificates.filter(({ status }) => status === 'certified').length).toBeGreaterThan(certificates.length / 2);
}

const uniform = { distribution: 'uniform', lambda: 0.3 } as const;

describe('the true radius of a linear classifier, |w·x + b| over the dual norm of w', () => {
  it.each([
    { name: 'ℓ1, one weight', of: single, norm: 'l1', request: uniform },
    {
      name: 'ℓ1, one weight, the top class’s bound alone',
      of: single,
      norm: 'l1',
      request: { ...uniform, bound: 'clopper-pearson' },
    },
    { name: 'ℓ1, one weight above others', of: dominant, norm: 'l1', request: uniform },
    { name: 'ℓ2 by uniform noise', of: single, norm: 'l2', request: { ...uniform, norm: 'l2' } },
    { name: 'ℓ∞ by uniform noise', of: even, norm: 'linf', request: { ...uniform, norm: 'linf' } },
    { name: 'ℓ∞, even weights', of: even, norm: 'linf', request: { sigma: 0.25, norm: 'linf' } },
    { name: 'ℓ∞, uneven weights', of: uneven, norm: 'linf', request: { sigma: 0.5, norm: 'linf' } },
    { name: 'ℓ1 by Gaussian noise', of: dominant, norm: 'l1', request: { sigma: 0.25, norm: 'l1' } },
  ] as const)('is not exceeded beyond the alpha-share ($name)', async ({ of, norm, request }) => {
    expectNoMoreThanTrue(await run(of, request), of, norm);
  });

  it.each([
    { name: 'ℓ1', of: single, norm: 'l1', request: { ...uniform, lambda: 0.5 }, reach: [0.05, 0.45] },
    { name: 'ℓ∞', of: even, norm: 'linf', request: { sigma: 0.25, norm: 'linf' }, reach: [0.0125, 0.1] },
  ] as const)('is approached as n grows ($name)', async ({ of, norm, request, reach: [nearest, farthest] }) => {
    const distances = of.distances[norm];
    const shareOfTruth = async (n: number) => {
      const certificates = await run(of, { ...request, n, bound: 'clopper-pearson', limit: 60 });
      const reachable = certificates.filter((_, at) => distances[at] > nearest && distances[at] < farthest);
      expect(reachable.length).toBeGreaterThan(20);
      const claimed = reachable.reduce((sum, { radius }) => sum + radius, 0);
      return claimed / reachable.reduce((sum, { index }) => sum + distances[index], 0);
    };
    const [few, many, all] = [await shareOfTruth(200), await shareOfTruth(2_000), await shareOfTruth(20_000)];
    expect(few).toBeLessThan(many);
    expect(many).toBeLessThan(all);
    expect(all).toBeGreaterThan(0.95);
    expect(all).toBeLessThan(1.005);
  });

  it.each([
    { name: 'ℓ1', of: single, norm: 'l1', request: uniform, radii: [0, 0.1, 0.2], clear: 0.25 },
    {
      name: 'ℓ∞',
      of: even,
      norm: 'linf',
      request: { sigma: 0.25, norm: 'linf' },
      radii: [0, 0.02, 0.05],
      clear: 0.065,
    },
  ] as const)('is not exceeded in sequential mode either ($name)', async ({ of, norm, request, radii, clear }) => {
    const asked = { ...request, radii: [...radii], n: 20_000, skipMisclassified: false };
    const certificates = await run(of, asked);
    expectNoMoreThanTrue(certificates, of, norm);
    for (const { radius, lowerBound, status } of certificates) {
      if (status !== 'certified') continue;
      // What a certificate of the radius proves of p: ½ + R/2λ, or Φ(R√d/σ).
      const proven = norm === 'l1' ? 0.5 + radius / 0.6 : normalCdf((radius * Math.sqrt(SIZE)) / 0.25);
      expect(lowerBound).toBeCloseTo(proven, 12);
    }
    // Nearly all radii that are clearly true are certified.
    const within = certificates.filter((_, at) => of.distances[norm][at] > clear);
    expect(within.length).toBeGreaterThan(20);
    expect(within.filter(({ radius }) => radius === radii[2]).length).toBeGreaterThan(0.9 * within.length);
  });
});

describe('float features and uniform noise', () => {
  it('lie on a lattice of λ/256, and the way there is taken off the radius in ℓ1', async () => {
    const lambda = 0.5;
    const request = smallRequest('features', temporaryFolder());
    const uniformly = { distribution: 'uniform' as const, lambda, sigma: undefined };
    const asked = { ...request, ...uniformly, n: 3_000, seed: 'float' };
    const { certificates, plan } = await runLocally(asked);
    const { noise } = plan.claim;
    expect(noise).toMatchObject({ law: 'discretised-uniform', lambda, stepsPerUnit: 512 });
    const dataset = await openDataset({ uri: request.dataset });
    const certified = certificates.filter(({ status }) => status === 'certified');
    expect(certified.length).toBeGreaterThan(0);
    for (const { index, count, runnerUpCount, n, radius } of certified) {
      const { values } = await dataset.read(index);
      const { pixels, moved } = latticeExample({ index, label: 0, values }, noise);
      const length = [...pixels].reduce((sum, k, at) => sum + Math.abs(values[at] - k / noise.stepsPerUnit), 0);
      expect(moved).toBeGreaterThan(length);
      expect(moved).toBeLessThan(length * 1.000001 + 1e-9);
      const at = { count, runnerUpCount, n, alpha: 0.001, bound: 'runner-up' as const, margin: noise.budget };
      const decision = certify({ ...at, sigma: noise.sigma, lambda });
      if (decision.status !== 'certified') throw new Error('certified, and then not');
      expect(radius).toBeLessThan(decision.radius - moved);
      expect(radius).toBeCloseTo(decision.radius - moved, 12);
    }
  });
});
