import { describe, expect, it } from 'vitest';
import { lookTable } from '../../certification/look-table.ts';
import { sequentialThresholds } from '../../certification/smoothing/sequential-thresholds.ts';
import { sampleClaim } from '../report/sample-certificates.ts';

const sigma = 0.25;
const radii = [0, 0.25, 0.5];
const sampling = {
  mode: 'sequential' as const,
  radii,
  n0: 100,
  n: 100_000,
  alpha: 0.001,
  skipMisclassified: false,
  rho: 0.001,
};

describe('the look table of a claim', () => {
  const claim = sampleClaim({ examples: 1, sigma });
  const { noise } = claim;

  it('has the thresholds of its radii at its noise budget', () => {
    const budget = 0.003;
    const { n, alpha } = sampling;
    const expected = sequentialThresholds({ radii, sigma, n, alpha, margin: budget });
    expect(lookTable({ ...claim, noise: { ...noise, budget } }, sampling, 0)).toEqual(expected);
    expect(lookTable(claim, sampling, 0)).not.toEqual(expected);
  });

  it('asks of an example that was moved what the radius and the way there ask, and little more', () => {
    const { n, alpha } = sampling;
    for (const steps of [0.9, 1, 1.1, 63.99]) {
      const moved = (steps * sigma) / 1024;
      const table = lookTable(claim, sampling, moved);
      expect(table.radii.map(({ radius }) => radius)).toEqual(radii);
      radii.forEach((radius, at) => {
        const at0 = (about: number) =>
          sequentialThresholds({ radii: [about], sigma, n, alpha, margin: noise.budget }).radii[0].reject;
        const [needed, most] = [at0(radius + moved), at0(radius + moved + sigma / 1024)];
        table.radii[at].reject.forEach((count, look) => {
          expect(count).toBeGreaterThanOrEqual(needed[look]);
          expect(count).toBeLessThanOrEqual(most[look]);
        });
        // Not by chance: without the way the last look would ask for less.
        expect(table.radii[at].reject.at(-1)).toBeGreaterThan(at0(radius).at(-1) ?? Infinity);
      });
    }
  });
});
