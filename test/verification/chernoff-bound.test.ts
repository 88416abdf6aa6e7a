import { expect, test } from 'vitest';
import { normalCdf } from '../../certification/smoothing/normal-cdf.ts';
import { chernoffBound } from '../../certification/verification/chernoff-bound.ts';

const p = 0.01;
/** Bernoulli draws less their mean. */
const bernoulli = { values: Float64Array.of(-p, 1 - p), probabilities: Float64Array.of(1 - p, p) };

/** P(Bin(n, p) = k), k = 0 … n, each from the one before. */
function binomialProbabilities(n: number): number[] {
  const probabilities = [(1 - p) ** n];
  for (let k = 1; k <= n; k++) probabilities.push(((probabilities[k - 1] * (n - k + 1)) / k) * (p / (1 - p)));
  return probabilities;
}

test.each([1, 8, 300, 5000])('of %d Bernoulli draws, no count has a p-value below the exact one', (n) => {
  const probabilities = binomialProbabilities(n);
  const tail = (from: number, to: number): number => probabilities.slice(from, to).reduceRight((sum, q) => sum + q, 0);
  for (let k = 0; k <= Math.min(n, 150); k++) {
    const exact = 2 * Math.min(tail(0, k + 1), tail(k, n + 1));
    const bound = chernoffBound({ ...bernoulli, mean: k / n - p, n });
    expect(bound).toBeGreaterThanOrEqual(Math.min(1, exact) * (1 - 1e-6));
    expect(bound).toBeLessThan(80 * exact);
  }
});

test('far out the bound is some 2.5 z times the normal tail', () => {
  const signs = { values: Float64Array.of(-1, 1), probabilities: Float64Array.of(0.5, 0.5) };
  const n = 1e8;
  for (const z of [4, 5, 6]) {
    const ratio = chernoffBound({ ...signs, mean: -z / Math.sqrt(n), n }) / (2 * normalCdf(-z));
    expect(ratio / (z * Math.sqrt(2 * Math.PI))).toBeGreaterThan(1);
    expect(ratio / (z * Math.sqrt(2 * Math.PI))).toBeLessThan(1.07);
  }
});

test('a mean that no draws have has p-value 0', () => {
  expect(chernoffBound({ ...bernoulli, mean: 1, n: 8 })).toBe(0);
});
