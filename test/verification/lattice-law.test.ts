import { expect, test } from 'vitest';
import { latticeGaussian } from '../../certification/noise/lattice-gaussian.ts';
import { normalCdf } from '../../certification/smoothing/normal-cdf.ts';
import { latticeLaw } from '../../certification/verification/lattice-law.ts';

test.each([0.002, 0.25, 2])('the law of sigma %d is Φ((k+½)/s) − Φ((k−½)/s), far into its tails', (sigma) => {
  const table = latticeGaussian({ sigma, stepsPerUnit: 255 });
  const { min, probabilities } = latticeLaw(table);
  expect(min).toBe(table.min);
  expect(probabilities).toHaveLength(table.max - table.min + 1);
  expect(Math.abs(probabilities.reduce((sum, p) => sum + p, 0) - 1)).toBeLessThan(1e-12);
  const s = sigma * 255;
  probabilities.forEach((p, i) => {
    const k = -Math.abs(min + i);
    // Each threshold is a floor to 2⁻⁶⁴ or its mirror image: two make up to 2⁻⁶³, 1.084e-19.
    expect(Math.abs(p - (normalCdf((k + 0.5) / s) - normalCdf((k - 0.5) / s)))).toBeLessThan(p * 1e-12 + 1.085e-19);
  });
});
