import { describe, expect, it, test } from 'vitest';
import { exactRational } from '../../certification/noise/exact-rational.ts';
import { latticeNoise } from '../../certification/noise/lattice-noise.ts';
import { latticeTable, type LatticeTable } from '../../certification/noise/lattice-table.ts';
import { latticeUniform } from '../../certification/noise/lattice-uniform.ts';
import { noiseBudget } from '../../certification/noise/noise-budget.ts';
import { createNoiseKernel } from '../../certification/noise/noise-kernel.ts';
import { phases } from '../../certification/noise/phases.ts';
import { uniformSigma } from '../../certification/smoothing/noise-scale.ts';
import { chiSquareTail } from '../../certification/verification/chi-square-tail.ts';

/** L = λ·steps of 127.5, 38.25, nearly 25.5, 256, just above 0.5, below 0.5, and the float lattice's 256. */
const laws = [
  { lambda: 0.5, stepsPerUnit: 255 },
  { lambda: 0.15, stepsPerUnit: 255 },
  { lambda: 0.1, stepsPerUnit: 255 },
  { lambda: 1, stepsPerUnit: 256 },
  { lambda: 0.002, stepsPerUnit: 255 },
  { lambda: 0.001, stepsPerUnit: 255 },
  { lambda: 0.7, stepsPerUnit: 256 / 0.7 },
  { lambda: 64, stepsPerUnit: 255 },
];

const least = (a: bigint, b: bigint) => (a < b ? a : b);
const most = (a: bigint, b: bigint) => (a > b ? a : b);

/** |[k−½, k+½] ∩ [−L, L]| for k = −reach … reach, and 2L, all times one integer. */
function overlaps({ lambda, stepsPerUnit }: { lambda: number; stepsPerUnit: number }, reach: number) {
  const [a, b] = [exactRational(lambda), exactRational(stepsPerUnit)];
  const one = 2n * a.denominator * b.denominator;
  const end = 2n * a.numerator * b.numerator;
  const masses = Array.from({ length: 2 * reach + 1 }, (_, at) => {
    const k = BigInt(at - reach);
    return most(least(k * one + one / 2n, end) - most(k * one - one / 2n, -end), 0n);
  });
  return { masses, whole: 2n * end };
}

function thresholdsOf({ upper, lower }: LatticeTable): bigint[] {
  return Array.from(upper, (half, at) => (BigInt(half) << 32n) | BigInt(lower[at]));
}

describe.each(laws)('the uniform law of lambda $lambda at $stepsPerUnit steps', (law) => {
  const table = latticeUniform(law);
  const { masses, whole } = overlaps(law, table.max + 1);

  it('has all of its mass on its support, and some at its ends', () => {
    expect(masses.reduce((sum, mass) => sum + mass, 0n)).toBe(whole);
    expect([masses[0], masses[masses.length - 1]]).toEqual([0n, 0n]);
    expect(masses[1] > 0n).toBe(true);
    expect(table.min).toBe(0 - table.max);
  });

  it('has the exact floors of its distribution function as thresholds', () => {
    let below = masses[0];
    const floors = thresholdsOf(table).map((_, at) => {
      below += masses[at + 1];
      return (below << 64n) / whole;
    });
    expect(thresholdsOf(table)).toEqual(floors);
  });

  it('is drawn within its budget in total variation', () => {
    const edges = [0n, ...thresholdsOf(table), 1n << 64n];
    // ½ Σ |P − P̂| over 2⁶⁴·whole.
    const twice = edges.slice(1).reduce((sum, edge, at) => {
      const off = (edge - edges[at]) * whole - (masses[at + 1] << 64n);
      return sum + (off < 0n ? -off : off);
    }, 0n);
    const distance = Number((twice << 64n) / (2n * whole)) / 2 ** 128;
    for (const dimensions of [1, 784]) {
      const budget = noiseBudget({ table, dimensions });
      expect(budget).toBeGreaterThanOrEqual(dimensions * distance);
      // Steps of at most 2⁻⁶⁴ between thresholds and at both ends, half of each; the least that bounds such steps.
      expect(budget).toBe((dimensions * (2 * table.max + 1)) / 2 ** 65);
    }
  });

  it('is drawn by the kernel as by its plain twin', async () => {
    const [dimensions, batchSize, key] = [1021, 40, [7, 11] as const];
    const pixels = Uint8Array.from({ length: dimensions }, (_, at) => (at * 37) % 256);
    for (const elementType of ['int16', 'int32'] as const) {
      const kernel = await createNoiseKernel({ table, key, dimensions, batchSize, elementType });
      kernel.fill({ pixels, row: 0, count: batchSize, example: 3, firstSample: 5, phase: phases.estimation });
      for (let row = 0; row < batchSize; row++) {
        const at = { table, key, dimensions, example: 3, sample: 5 + row, phase: phases.estimation };
        const sums = latticeNoise(at).map((k, e) => k + pixels[e]);
        const drawn = kernel.batch.subarray(row * dimensions, (row + 1) * dimensions);
        if (!sums.every((sum, e) => sum === drawn[e])) expect.fail(`${elementType}, row ${row} differs`);
      }
    }
  });
});

test.each([0.05, 0.25, 1])('the noise of lambda %d comes as often as its law says', async (lambda) => {
  const law = { lambda, stepsPerUnit: 255 };
  const table = latticeTable({ ...law, sigma: uniformSigma(lambda) });
  const [dimensions, batchSize] = [4096, 250];
  const kernel = await createNoiseKernel({ table, key: [20260131, 42], dimensions, batchSize, elementType: 'int16' });
  const pixels = new Uint8Array(dimensions);
  kernel.fill({ pixels, row: 0, count: batchSize, example: 0, firstSample: 0, phase: phases.estimation });
  const { masses, whole } = overlaps(law, table.max);
  const counts = masses.map(() => 0);
  for (const k of kernel.batch) counts[k - table.min] += 1;
  const total = kernel.batch.length;
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(total);
  // Every cell has hundreds of draws, so that χ² needs no merging.
  const x = masses.reduce((sum, mass, at) => {
    const expected = (Number(mass) / Number(whole)) * total;
    return sum + (counts[at] - expected) ** 2 / expected;
  }, 0);
  expect(chiSquareTail({ x, df: masses.length - 1 })).toBeGreaterThan(1e-6);
  const square = counts.reduce((sum, count, at) => sum + count * (at + table.min) ** 2, 0) / total / 255 ** 2;
  expect(Math.abs(square / uniformSigma(lambda) ** 2 - 1)).toBeLessThan(0.01);
});

test('the half-width is the exact product of the two numbers, not its rounding', () => {
  const a = latticeUniform({ lambda: 0.1, stepsPerUnit: 300 });
  const b = latticeUniform({ lambda: 0.1 * 300, stepsPerUnit: 1 });
  const c = latticeUniform({ lambda: 300, stepsPerUnit: 0.1 });
  expect(a.lower).not.toEqual(b.lower);
  expect(a.lower).toEqual(c.lower);
});

test('uniform noise that no table holds is refused in a sentence', () => {
  for (const lambda of [0, -1, NaN, Infinity]) {
    expect(() => latticeUniform({ lambda, stepsPerUnit: 255 })).toThrow(/finite positive number/);
  }
  expect(latticeUniform({ lambda: 16383.5, stepsPerUnit: 1 }).max).toBe(16383);
  expect(() => latticeUniform({ lambda: 16384, stepsPerUnit: 1 })).toThrow(/use a smaller lambda/);
});
