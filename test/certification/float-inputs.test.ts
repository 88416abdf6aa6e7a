import fc from 'fast-check';
import { fileURLToPath } from 'node:url';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { latticeExample, stepsPerUnit } from '../../certification/lattice-example.ts';
import { openDataset } from '../../certification/datasets/open-dataset.ts';
import { sequentialThresholds } from '../../certification/smoothing/sequential-thresholds.ts';
import { certify } from '../../certification/smoothing/certify.ts';
import { linearModel } from '../models/linear-model.ts';
import { random } from '../models/random.ts';
import { runLocally } from '../support/run-locally.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const features = fileURLToPath(new URL('../datasets/files/features.npz', import.meta.url));

/** A classifier of the features by the sign of w·x, and how far each example lies from its boundary. */
async function signClassifier(folder: string) {
  const dataset = await openDataset({ uri: features });
  const [size] = dataset.shape;
  const next = random(9);
  const weights = Float32Array.from({ length: size }, () => next() - 0.5);
  const classes = dataset.labels.max + 1;
  // Class 1 where w·x > 0, else class 0; the others never win.
  const rows = Array.from({ length: classes }, (_, k) => (k === 1 ? weights : new Float32Array(size)));
  const bias = Array.from({ length: classes }, (_, k) => (k > 1 ? -1e6 : 0));
  const model = join(folder, 'model.onnx');
  writeFileSync(model, linearModel({ shape: [size], weights: rows, bias }));
  const norm = Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0));
  const distanceOf = async (index: number) => {
    const { values } = await dataset.read(index);
    return Math.abs(weights.reduce((sum, weight, at) => sum + weight * values[at], 0)) / norm;
  };
  return { model, dataset, distanceOf };
}

describe('an example that lies on no lattice', () => {
  it('is moved to the nearest points, by no more than it says', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 50 }),
        fc.double({ min: 0.01, max: 10, noNaN: true }),
        (values, sigma) => {
          const noise = { stepsPerUnit: stepsPerUnit({ kind: 'float32', sigma }) };
          const example = { index: 0, label: 0, values: Float32Array.from(values) };
          const { pixels, moved } = latticeExample(example, noise);
          const offs = [...pixels].map((k, at) => example.values[at] - k / noise.stepsPerUnit);
          const distance = Math.sqrt(offs.reduce((sum, off) => sum + off * off, 0));
          expect(moved).toBeGreaterThan(distance);
          expect(moved).toBeLessThan(distance * 1.000001 + 1e-9);
          // Half a step of sigma/256 at most in each coordinate.
          expect(Math.max(...offs.map(Math.abs))).toBeLessThanOrEqual((sigma / 512) * (1 + 1e-9));
        },
      ),
    );
  });

  it('has the radius of the lattice point less the way there, and never more than the true one', async () => {
    const folder = temporaryFolder();
    const { model, dataset, distanceOf } = await signClassifier(folder);
    const sigma = 0.5;
    const request = { model, dataset: features, sigma, n: 5_000, seed: 'float', out: folder };
    const { certificates, plan } = await runLocally(request);
    expect(plan.claim.noise.stepsPerUnit).toBe(512);
    expect(certificates.some(({ status }) => status === 'certified')).toBe(true);
    for (const row of certificates.filter(({ status }) => status === 'certified')) {
      const example = await dataset.read(row.index);
      expect(row.radius).toBeLessThanOrEqual(await distanceOf(row.index));
      const { count, runnerUpCount, n } = row;
      const { noise } = plan.claim;
      const atPoint = certify({
        count,
        runnerUpCount,
        n,
        alpha: 0.001,
        bound: 'runner-up',
        sigma,
        margin: noise.budget,
      });
      const { moved } = latticeExample(example, noise);
      if (atPoint.status !== 'certified') throw new Error('certified, and then not');
      expect(moved).toBeGreaterThan(0);
      expect(row.radius).toBeLessThan(atPoint.radius - moved);
      expect(row.radius).toBeCloseTo(atPoint.radius - moved, 12);
    }
  });

  it('is certified in sequential mode by thresholds of the radius and the way there', async () => {
    const folder = temporaryFolder();
    const { model, dataset, distanceOf } = await signClassifier(folder);
    const sigma = 0.5;
    const radii = [0, 0.1, 0.2, 0.4, 0.8];
    const request = { model, dataset: features, sigma, n: 5_000, radii, skipMisclassified: false, out: folder };
    const { certificates, plan } = await runLocally({ ...request, seed: 'float' });
    expect(certificates.some(({ radius }) => radius > 0)).toBe(true);
    for (const row of certificates) {
      if (row.status === 'certified') expect(row.radius).toBeLessThanOrEqual(await distanceOf(row.index));
      const { moved } = latticeExample(await dataset.read(row.index), plan.claim.noise);
      expect(moved).toBeGreaterThan(0);
      for (const { radius, certified, look, n, count } of row.decisions ?? []) {
        const table = (about: number) =>
          sequentialThresholds({ radii: [about], sigma, n: 5_000, alpha: 0.001, margin: plan.claim.noise.budget });
        const {
          looks,
          radii: [own],
        } = table(radius + moved + sigma / 1024);
        expect(n).toBe(looks[look - 1]);
        // Stricter than the radius plus the way, and no stricter than a 1024th of sigma more.
        if (certified) expect(count).toBeGreaterThanOrEqual(table(radius + moved).radii[0].reject[look - 1]);
        else expect(count).toBeLessThan(own.reject[look - 1]);
      }
    }
  });
});
