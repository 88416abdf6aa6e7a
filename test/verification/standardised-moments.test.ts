import { expect, test } from 'vitest';
import { latticeGaussian } from '../../certification/noise/lattice-gaussian.ts';
import { latticeLaw } from '../../certification/verification/lattice-law.ts';
import { standardisedMoments } from '../../certification/verification/standardised-moments.ts';

const lawOf = (sigma: number) => latticeLaw(latticeGaussian({ sigma, stepsPerUnit: 255 }));

test.each([0.002, 0.005, 0.25, 1])('at sigma %d each moment has expectation 0 and variance 1', (sigma) => {
  const { probabilities } = lawOf(sigma);
  const moments = standardisedMoments(lawOf(sigma));
  expect(moments).toHaveLength(6);
  for (const { values } of moments) {
    expect(values.reduce((sum, f, i) => sum + probabilities[i] * f, 0)).toBeCloseTo(0, 12);
    expect(values.reduce((sum, f, i) => sum + probabilities[i] * f * f, 0)).toBeCloseTo(1, 12);
  }
});

test('a shift of the mean leaves skewness alone, and a wrong scale leaves kurtosis alone, to first order', () => {
  const { probabilities } = lawOf(0.25);
  const [mean, variance, skewness, kurtosis] = standardisedMoments(lawOf(0.25)).map(({ values }) => values);
  const covariance = (f: Float64Array, g: Float64Array): number =>
    probabilities.reduce((sum, p, i) => sum + p * f[i] * g[i], 0);
  expect(covariance(mean, skewness)).toBeCloseTo(0, 12);
  expect(covariance(variance, kurtosis)).toBeCloseTo(0, 12);
});

test('on a lattice of −1, 0 and 1 there is no skewness or kurtosis to test, and on one point nothing', () => {
  const names = standardisedMoments({ min: -1, probabilities: Float64Array.of(0.001, 0.998, 0.001) }).map(
    ({ name }) => name,
  );
  expect(names).toEqual(['mean', 'variance', 'tail beyond 3 sigma', 'tail beyond 4 sigma']);
  expect(standardisedMoments({ min: 0, probabilities: Float64Array.of(1) })).toEqual([]);
});
