import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { exactRational } from '../../certification/noise/exact-rational.ts';
import { latticeElementType } from '../../certification/noise/lattice-element-type.ts';
import { latticeGaussian } from '../../certification/noise/lattice-gaussian.ts';
import type { LatticeTable } from '../../certification/noise/lattice-table.ts';
import { noiseBudget } from '../../certification/noise/noise-budget.ts';
import goldens from './goldens/lattice-gaussian.json' with { type: 'json' };

const hexThresholds = ({ upper, lower }: LatticeTable): string[] =>
  Array.from(upper, (half, i) => half.toString(16).padStart(8, '0') + lower[i].toString(16).padStart(8, '0'));

test.each(goldens)('every threshold of sigma $sigma at $stepsPerUnit steps is the exact floor', (golden) => {
  const table = latticeGaussian(golden);
  const thresholds = hexThresholds(table);
  expect({ min: table.min, max: table.max }).toEqual({ min: 0 - golden.max, max: golden.max });
  expect(golden.thresholds.map(([k]) => [k, thresholds[Number(k) + golden.max]])).toEqual(golden.thresholds);
  expect(createHash('sha256').update(thresholds.join()).digest('hex')).toBe(golden.sha256);
});

test.each(goldens)('the noise budget of sigma $sigma bounds the true total variation, within a factor 20', (golden) => {
  const table = latticeGaussian(golden);
  for (const dimensions of [1, 784, 150_528]) {
    const actual = golden.totalVariation * dimensions;
    const budget = noiseBudget({ table, dimensions });
    expect(budget).toBeGreaterThanOrEqual(actual);
    // A support of one point has its tails alone, which may be anything below 2^-64.
    if (golden.max > 0) expect(budget).toBeLessThan(20 * actual);
  }
});

test('the budget of an MNIST image at sigma 0.25 is about 2.5e-14', () => {
  const table = latticeGaussian({ sigma: 0.25, stepsPerUnit: 255 });
  expect(noiseBudget({ table, dimensions: 784 })).toBe((784 * (2 * 579 + 4)) / 2 ** 65);
  expect(() => noiseBudget({ table, dimensions: 0.5 })).toThrow(RangeError);
});

test('the guide answers a word without a search only where the whole cell draws one integer', () => {
  for (const sigma of [0.01, 0.25, 1]) {
    const table = latticeGaussian({ sigma, stepsPerUnit: 255 });
    const thresholds = hexThresholds(table).map((text) => BigInt(`0x${text}`));
    let wrong = 0;
    let undecided = 0;
    let below = 0;
    let through = 0;
    for (let cell = 0; cell < 0x10000; cell++) {
      const least = BigInt(cell) << 48n;
      const largest = least + (1n << 48n) - 1n;
      while (below < thresholds.length && thresholds[below] <= least) below++;
      while (through < thresholds.length && thresholds[through] <= largest) through++;
      const decided = table.guide[cell] % 2 === 0;
      if (!decided) undecided++;
      if (table.guide[cell] >> 1 !== table.min + below || (decided && through !== below)) wrong++;
    }
    expect(wrong).toBe(0);
    expect(undecided).toBeLessThanOrEqual(thresholds.length);
  }
});

test('the standard deviation is the exact product of the two numbers, not its rounding', () => {
  const value = ({ numerator, denominator }: { numerator: bigint; denominator: bigint }): number =>
    Number(numerator) / Number(denominator);
  for (const x of [0.1, 255, 1e-3, 2 ** 60, 1 / 3]) expect(value(exactRational(x))).toBe(x);
  expect(exactRational(5e-324)).toEqual({ numerator: 1n, denominator: 1n << 1074n });
  expect(exactRational(2 ** 70)).toEqual({ numerator: 1n << 70n, denominator: 1n });
  // 0.1 · 3 rounds to 0.30000000000000004, which differs from the exact product of the doubles.
  const a = latticeGaussian({ sigma: 0.1, stepsPerUnit: 300 });
  const b = latticeGaussian({ sigma: 0.1 * 300, stepsPerUnit: 1 });
  const c = latticeGaussian({ sigma: 300, stepsPerUnit: 0.1 });
  expect(a.lower).not.toEqual(b.lower);
  expect(a.lower).toEqual(c.lower);
});

test('noise that no table holds is refused in a sentence', () => {
  for (const sigma of [0, -1, NaN, Infinity]) {
    expect(() => latticeGaussian({ sigma, stepsPerUnit: 255 })).toThrow(/finite positive number/);
  }
  expect(() => latticeGaussian({ sigma: 8, stepsPerUnit: 255 })).toThrow(/1790/);
  expect(latticeGaussian({ sigma: 1e-300, stepsPerUnit: 1e-20 }).max).toBe(0);
});

test('a table of sigma 2 at 255 steps takes less than 200 ms to compute', () => {
  latticeGaussian({ sigma: 1.5, stepsPerUnit: 255 });
  const times = [0, 1, 2, 3, 4].map(() => {
    const start = performance.now();
    latticeGaussian({ sigma: 2, stepsPerUnit: 255 });
    return performance.now() - start;
  });
  expect(Math.min(...times)).toBeLessThan(200);
});

test('the element type is the narrowest that holds pixel plus noise', () => {
  const table = latticeGaussian({ sigma: 0.25, stepsPerUnit: 255 });
  const room = 0x7fff - table.max;
  expect(latticeElementType({ table, minPixel: 0, maxPixel: 255 })).toBe('int16');
  expect(latticeElementType({ table, minPixel: 0, maxPixel: 255, narrowest: 'int32' })).toBe('int32');
  expect(latticeElementType({ table, minPixel: -room - 1, maxPixel: room })).toBe('int16');
  expect(latticeElementType({ table, minPixel: 0, maxPixel: room + 1 })).toBe('int32');
  expect(latticeElementType({ table, minPixel: -room - 2, maxPixel: 0 })).toBe('int32');
  expect(() => latticeElementType({ table, minPixel: 0, maxPixel: 0x7fffffff - table.max + 1 })).toThrow(/coarser/);
  expect(() => latticeElementType({ table, minPixel: 1, maxPixel: 0 })).toThrow(/ascending/);
  expect(() => latticeElementType({ table, minPixel: 0, maxPixel: 0.5 })).toThrow(RangeError);
});
