import { expect, test } from 'vitest';
import { latticeGaussian } from '../../certification/noise/lattice-gaussian.ts';
import type { LatticeTable } from '../../certification/noise/lattice-table.ts';
import { createNoiseKernel } from '../../certification/noise/noise-kernel.ts';
import { phases } from '../../certification/noise/phases.ts';
import type { PhiloxKey } from '../../certification/noise/philox4x32.ts';

// Every statistic here is compared with 5 standard errors of its normal approximation: 6e-7 a comparison, and fewer than 60
// of them, so that a true Gaussian would fail less than once in 25,000 keys. The keys are fixed: a run is all or nothing.
const LIMIT = 5;
const key: PhiloxKey = [20260131, 42];
const dimensions = 4096;
const batchSize = 250;
const sigmas = [0.12, 0.25, 0.5, 1];

/** P(k) of each integer, from the thresholds, which lattice-gaussian.test.ts checks against mpmath. */
function probabilities({ upper, lower }: LatticeTable): number[] {
  const cdf = Array.from(upper, (half, i) => (BigInt(half) << 32n) | BigInt(lower[i]));
  const edges = [0n, ...cdf, 1n << 64n];
  return edges.slice(1).map((edge, i) => Number(edge - edges[i]) / 2 ** 64);
}

async function noiseBatch(table: LatticeTable, at: { example: number; firstSample: number; phase: number }) {
  const kernel = await createNoiseKernel({ table, key, dimensions, batchSize, elementType: 'int16' });
  kernel.fill({ pixels: new Uint8Array(dimensions), row: 0, count: batchSize, ...at });
  return kernel.batch;
}

test.each(sigmas)('the noise of sigma %d has the discretised Gaussian’s frequencies and moments', async (sigma) => {
  const table = latticeGaussian({ sigma, stepsPerUnit: 255 });
  const p = probabilities(table);
  const counts = new Float64Array(p.length);
  let total = 0;
  for (let repeat = 0; repeat < 4; repeat++) {
    const noise = await noiseBatch(table, { example: repeat, firstSample: 1000 * repeat, phase: phases.estimation });
    for (const k of noise) counts[k - table.min]++;
    total += noise.length;
  }

  // χ² with neighbouring cells merged to at least 20 expected; (χ² − df)/√(2 df) by Wilson & Hilferty's cube root.
  let chiSquare = 0;
  let df = -1;
  let expected = 0;
  let observed = 0;
  for (let i = 0; i < p.length; i++) {
    expected += p[i] * total;
    observed += counts[i];
    if (expected >= 20 && p.slice(i + 1).reduce((a, b) => a + b, 0) * total >= 20) {
      chiSquare += (observed - expected) ** 2 / expected;
      df++;
      expected = observed = 0;
    }
  }
  chiSquare += (observed - expected) ** 2 / expected;
  df++;
  const z = (Math.cbrt(chiSquare / df) - (1 - 2 / (9 * df))) / Math.sqrt(2 / (9 * df));
  expect(df).toBeGreaterThan(100);
  expect(Math.abs(z)).toBeLessThan(LIMIT);

  // Moments 1 to 4 against the law's own: the mean of k^j has variance (E k^2j − (E k^j)²)/N.
  const moment = (j: number): number => p.reduce((sum, q, i) => sum + q * (i + table.min) ** j, 0);
  for (let j = 1; j <= 4; j++) {
    const mean = counts.reduce((sum, count, i) => sum + count * (i + table.min) ** j, 0) / total;
    const error = Math.sqrt((moment(2 * j) - moment(j) ** 2) / total);
    expect(Math.abs(mean - moment(j)) / error).toBeLessThan(LIMIT);
  }
  // Sheppard: rounding adds 1/12 to the variance.
  expect(moment(2)).toBeCloseTo((255 * sigma) ** 2 + 1 / 12, 6);
});

test('noise is uncorrelated between neighbours, blocks, samples, examples and phases', async () => {
  const table = latticeGaussian({ sigma: 0.25, stepsPerUnit: 255 });
  const variance = (255 * 0.25) ** 2 + 1 / 12;
  const base = { example: 3, firstSample: 0, phase: phases.estimation };
  const noise = await noiseBatch(table, base);
  const standardised = (other: Int16Array | Int32Array, lag: number): number => {
    let sum = 0;
    for (let i = lag; i < noise.length; i++) sum += noise[i] * other[i - lag];
    return sum / (variance * Math.sqrt(noise.length - lag));
  };
  for (const lag of [1, 2, 3, 4, 8, 16, 64, 1024, dimensions, 2 * dimensions]) {
    expect(Math.abs(standardised(noise, lag))).toBeLessThan(LIMIT);
  }
  const others = [
    { ...base, example: 4 },
    { ...base, phase: phases.selection },
    { ...base, phase: phases.probe },
    { ...base, firstSample: batchSize },
  ];
  for (const other of others) expect(Math.abs(standardised(await noiseBatch(table, other), 0))).toBeLessThan(LIMIT);
});
