import { expect, test } from 'vitest';
import { latticeGaussian } from '../../certification/noise/lattice-gaussian.ts';
import { createNoiseKernel } from '../../certification/noise/noise-kernel.ts';
import { phases } from '../../certification/noise/phases.ts';
import type { PhiloxKey } from '../../certification/noise/philox4x32.ts';
import { auditDraws } from '../../certification/verification/audit-draws.ts';
import type { ExampleDraws, NoiseAudit } from '../../certification/verification/audit-draws.ts';
import { auditNoise } from '../../certification/verification/audit-noise.ts';
import { differingFromTwin } from '../../certification/verification/differing-from-twin.ts';
import { latticeLaw } from '../../certification/verification/lattice-law.ts';

const stepsPerUnit = 255;
const key: PhiloxKey = [20260131, 4];
const dimensions = 784;
const estimationSamples = 200;
const selectionSamples = 60;
const sigma = 0.25;
const table = latticeGaussian({ sigma, stepsPerUnit });

/** Four examples' noise, 815,360 integers, of which a test may change some. */
async function drawNoise({
  of = table,
  examples = [2, 3, 5, 8],
}: { of?: typeof table; examples?: number[] } = {}): Promise<ExampleDraws[]> {
  const kernel = await createNoiseKernel({
    table: of,
    key,
    dimensions,
    batchSize: estimationSamples,
    elementType: 'int16',
  });
  const pixels = new Uint8Array(dimensions);
  const draw = (example: number, phase: number, count: number) => {
    kernel.fill({ pixels, row: 0, count, example, firstSample: 0, phase });
    return kernel.batch.slice(0, count * dimensions);
  };
  return examples.map((example) => ({
    example,
    estimation: draw(example, phases.estimation, estimationSamples),
    selection: draw(example, phases.selection, selectionSamples),
  }));
}

function changeEach(draws: ExampleDraws[], change: (k: number, at: number) => number): ExampleDraws[] {
  return draws.map(({ example, estimation, selection }) => ({
    example,
    estimation: estimation.map(change),
    selection: selection.map(change),
  }));
}

function audit(draws: ExampleDraws[], of = table): NoiseAudit {
  return auditDraws({ draws, dimensions, law: latticeLaw(of) });
}

function failedTests({ tests, passed }: NoiseAudit): string[] {
  const failed = tests.filter((each) => !each.passed).map(({ name }) => name);
  expect(passed).toBe(failed.length === 0);
  return failed;
}

test.each([
  { sigma: 0.12, dimensions: 4, examples: 300, samples: 10_000 },
  { sigma: 0.25, dimensions: 784, examples: 40, samples: 100_000 },
  { sigma: 0.5, dimensions: 3072, examples: 500, samples: 100 },
  { sigma: 1, dimensions: 150_528, examples: 20, samples: 100_000 },
  { sigma: 7, dimensions: 30, examples: 20, samples: 1000 },
  { sigma: 0.001, dimensions: 30, examples: 20, samples: 1000 },
])('a run’s own noise passes: %o', async ({ sigma, dimensions, examples, samples }) => {
  const result = await auditNoise({
    noise: { sigma, stepsPerUnit, elementType: 'int16' },
    key: [dimensions, 7],
    dimensions,
    examples: Array.from({ length: examples }, (_, i) => 5 * i),
    samples,
  });
  expect(failedTests(result)).toEqual([]);
  expect(result.draws).toBeGreaterThan(100_000);
  expect(result.draws).toBeLessThanOrEqual(2 ** 23);
  expect(result.tests.length).toBeGreaterThanOrEqual(15);
  expect(result.tests.map(({ name }) => name)).toContain('correlation, consecutive samples');
});

test('an audit of 32-bit lattice points, as float features have them, is that of 16-bit ones', async () => {
  const audited = (elementType: 'int16' | 'int32') =>
    auditNoise({
      noise: { sigma: 0.3, stepsPerUnit: 256 / 0.3, elementType },
      key,
      dimensions: 20,
      examples: [0, 1],
      samples: 2000,
    });
  const result = await audited('int32');
  expect(result.passed).toBe(true);
  expect(result).toEqual(await audited('int16'));
});

test.each([
  { dimensions: 1, examples: [0], samples: 1 },
  { dimensions: 4, examples: [7], samples: 1 },
  { dimensions: 4, examples: [7, 7, 9], samples: 3 },
  { dimensions: 784, examples: [0], samples: 5 },
  { dimensions: 150_528, examples: [0], samples: 1 },
])('tests that want more draws than there are do not fail: %o', async ({ dimensions, examples, samples }) => {
  const result = await auditNoise({
    noise: { sigma, stepsPerUnit, elementType: 'int16' },
    key,
    dimensions,
    examples,
    samples,
  });
  expect(failedTests(result)).toEqual([]);
  expect(result.draws).toBe(2 * new Set(examples).size * samples * dimensions);
});

test('an audit without an example is refused', async () => {
  const nothing = { key, dimensions, examples: [], samples: 1 };
  await expect(auditNoise({ noise: { sigma, stepsPerUnit, elementType: 'int16' }, ...nothing })).rejects.toThrow(
    'at least one example',
  );
});

test('levels add up to the false-alarm rate, and over 60 keys p-values are as rare as they say', async () => {
  const rare = { count: 0, expected: 0 };
  for (let run = 0; run < 60; run++) {
    const result = await auditNoise({
      noise: { sigma, stepsPerUnit, elementType: 'int16' },
      key: [run, 20260131],
      dimensions: 256,
      examples: [1, 2, 3],
      samples: 100,
    });
    expect(result.passed).toBe(true);
    expect(result.tests.reduce((sum, { level }) => sum + level, 0)).toBeCloseTo(result.falseAlarmRate, 12);
    expect(result.falseAlarmRate).toBe(1e-6);
    for (const { level, pValue } of result.tests) {
      if (level === 0) continue;
      rare.expected += 0.1;
      if (pValue <= 0.1) rare.count++;
    }
  }
  // Most p-values are bounds, so that fewer are small; were there more, by 5 standard deviations, they would be wrong.
  expect(rare.count).toBeLessThan(rare.expected + 5 * Math.sqrt(rare.expected));
  expect(rare.count).toBeGreaterThan(0);
});

test('the noise that the faults below are made of is sound', async () => {
  expect(failedTests(audit(await drawNoise()))).toEqual([]);
});

test.each([0.99, 1.01])('a sigma %d times the claim’s is caught', async (factor) => {
  const draws = await drawNoise({ of: latticeGaussian({ sigma: sigma * factor, stepsPerUnit }) });
  expect(failedTests(audit(draws))).toContain('variance');
});

test('at 2²³ draws a sigma 0.22 % off is caught', async () => {
  const big = await drawNoise({
    of: latticeGaussian({ sigma: sigma * 1.0022, stepsPerUnit }),
    examples: Array.from({ length: 41 }, (_, i) => i),
  });
  expect(failedTests(audit(big))).toContain('variance');
});

test('a mean 0.02 sigma off is caught', async () => {
  const steps = 0.02 * sigma * stepsPerUnit;
  const draws = changeEach(
    await drawNoise(),
    (k, at) => k + Math.floor(steps) + (at % 100 < 100 * (steps % 1) ? 1 : 0),
  );
  expect(failedTests(audit(draws))).toContain('mean');
});

test('noise clipped at 4 sigma is caught', async () => {
  const most = Math.floor(4 * sigma * stepsPerUnit);
  const draws = changeEach(await drawNoise(), (k) => Math.max(-most, Math.min(most, k)));
  expect(failedTests(audit(draws))).toContain('tail beyond 4 sigma');
});

test('noise rounded to halves and then, ties up, to integers is caught', async () => {
  const small = 0.06;
  const halves = await drawNoise({ of: latticeGaussian({ sigma: small, stepsPerUnit: 2 * stepsPerUnit }) });
  const draws = changeEach(halves, (k) => Math.round(k / 2));
  expect(failedTests(audit(draws, latticeGaussian({ sigma: small, stepsPerUnit })))).toContain('mean');
});

test('noise on every second lattice point, or cut instead of rounded, is caught', async () => {
  const even = changeEach(await drawNoise(), (k) => k - (k & 1));
  expect(failedTests(audit(even))).toContain('chi-square');
  const fine = await drawNoise({ of: latticeGaussian({ sigma, stepsPerUnit: 16 * stepsPerUnit }) });
  const cut = changeEach(fine, (k) => Math.trunc(k / 16));
  expect(failedTests(audit(cut))).toContain('chi-square');
});

test('one lattice point too rare by a quarter is caught', async () => {
  const draws = changeEach(await drawNoise(), (k, at) => (k === 17 && at % 4 === 0 ? 18 : k));
  expect(failedTests(audit(draws))).toEqual(['chi-square']);
});

test('a mixture of two sigmas with the right variance is caught', async () => {
  const [low] = await drawNoise({ of: latticeGaussian({ sigma: sigma * Math.sqrt(0.8), stepsPerUnit }) });
  const [, high] = await drawNoise({ of: latticeGaussian({ sigma: sigma * Math.sqrt(1.2), stepsPerUnit }) });
  const failed = failedTests(audit([low, high]));
  expect(failed).toContain('kurtosis');
  expect(failed).not.toContain('variance');
});

test('skewed noise is caught', async () => {
  const s = sigma * stepsPerUnit;
  const draws = changeEach(await drawNoise(), (k) => k + Math.round(0.02 * ((k * k) / s - s)));
  expect(failedTests(audit(draws))).toContain('skewness');
});

test('a single integer outside the support is caught', async () => {
  const draws = await drawNoise();
  draws[1].estimation[12345] = table.max + 1;
  expect(failedTests(audit(draws))).toContain('support');
});

test('wrong noise in the last elements of each row alone is caught', async () => {
  const draws = changeEach(await drawNoise(), (k, at) => (at % dimensions >= dimensions - 4 ? Math.round(k * 0.5) : k));
  expect(failedTests(audit(draws))).toContain('Kolmogorov-Smirnov, ends of rows');
});

test.each([1, 4, 16])(
  'an element that repeats, in a fiftieth of all places, the one %d before it is caught',
  async (lag) => {
    const draws = await drawNoise();
    for (const { estimation } of draws) {
      for (let at = lag; at < estimation.length; at++) {
        if (at % 50 === 0) estimation[at] = estimation[at - lag];
      }
    }
    expect(failedTests(audit(draws))).toEqual([`correlation, elements ${lag} apart`]);
  },
);

test('samples of which every twentieth repeats the one before are caught', async () => {
  const draws = await drawNoise();
  for (const { estimation } of draws) {
    for (let sample = 20; sample < estimationSamples; sample += 20) {
      estimation.copyWithin(sample * dimensions, (sample - 1) * dimensions, sample * dimensions);
    }
  }
  expect(failedTests(audit(draws))).toContain('correlation, consecutive samples');
});

test('two examples that share their noise are caught', async () => {
  const draws = await drawNoise();
  draws[2] = { ...draws[1], example: draws[2].example };
  expect(failedTests(audit(draws))).toContain('correlation, two examples');
});

test('selection noise that serves estimation too is caught', async () => {
  const draws = await drawNoise();
  const last = draws[3];
  last.estimation.set(last.selection.subarray(0, 10 * dimensions));
  expect(failedTests(audit(draws))).toEqual(['correlation, selection and estimation']);
});

test('integers that differ from the plain twin’s are counted, of either phase', async () => {
  const draws = await drawNoise();
  expect(differingFromTwin({ table, key, dimensions, draws })).toBe(0);
  draws[0].estimation[dimensions - 1]++;
  draws[3].selection[0]--;
  expect(differingFromTwin({ table, key, dimensions, draws })).toBe(2);
  expect(differingFromTwin({ table, key: [key[0] + 1, key[1]], dimensions, draws })).toBeGreaterThan(100_000);
});
