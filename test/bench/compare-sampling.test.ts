import { expect, it } from 'vitest';
import { compareSampling, fixedThreshold } from '../../bench/compare-sampling.ts';
import { abstainThreshold } from '../../certification/smoothing/abstain-threshold.ts';
import { lowerBound } from '../../certification/smoothing/lower-bound.ts';
import { normalCdf } from '../../certification/smoothing/normal-cdf.ts';

const setting = { sigma: 1, n0: 100, n: 10_000, alpha: 0.001 };

it('fixed mode certifies from the count whose bound reaches the radius', () => {
  const { sigma, n, alpha } = setting;
  expect(fixedThreshold({ radius: 0, sigma, n, alpha })).toBe(abstainThreshold({ n, alpha, margin: 0 }));
  const least = fixedThreshold({ radius: 1, sigma, n, alpha });
  expect(lowerBound({ count: least, n, alpha }).lowerBound).toBeGreaterThanOrEqual(normalCdf(1));
  expect(lowerBound({ count: least - 1, n, alpha }).lowerBound).toBeLessThan(normalCdf(1));
  expect(fixedThreshold({ radius: 4, sigma, n, alpha })).toBe(n + 1);
});

it('both modes certify what is far above the radius, and neither what is far below', () => {
  const examples = [
    { p: 0.99, abstained: false, correct: true },
    { p: 0.99, abstained: false, correct: false },
    { p: 0.6, abstained: false, correct: true },
    { p: 0.3, abstained: true, correct: false },
  ];
  const comparison = compareSampling({ ...setting, examples, radii: [0, 1] });
  for (const shares of [comparison.fixed, comparison.sequential]) {
    expect(shares[0]).toBeCloseTo(0.5, 5);
    expect(shares[1]).toBeCloseTo(0.25, 5);
  }
  // At ½ an abstained example is at the edge of radius 0, which costs all n samples nearly always.
  expect(comparison.samplesAtHalf).toBeGreaterThan(0.24 * setting.n);
  expect(comparison.samples).toBeLessThan(0.1 * setting.n);
  const saved = comparison.samples - comparison.samplesSkipping;
  const [, wrong] = examples;
  const alone = compareSampling({ ...setting, examples: [wrong], radii: [0, 1] });
  expect(saved).toBeCloseTo((alone.samples - setting.n0) / examples.length, 6);
});
