import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { abstainThreshold } from '../../certification/smoothing/abstain-threshold.ts';
import { certify } from '../../certification/smoothing/certify.ts';
import { RUNNER_UP_LAMBDA } from '../../certification/smoothing/runner-up-bounds.ts';
import { compareToDecimal, relativeError } from './decimal.ts';
import lowerGoldens from './goldens/lower-bound.json' with { type: 'json' };
import runnerUpGoldens from './goldens/runner-up-radius.json' with { type: 'json' };
import type { Bound } from '../../certification/smoothing/bound.ts';
import type { Decision } from '../../certification/smoothing/certify.ts';

function radiusOf(decision: Decision): number {
  return decision.status === 'certified' ? decision.radius : 0;
}

const estimates = fc
  .integer({ min: 1, max: 200_000 })
  .chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 0, max: n }), fc.double({ min: 0, max: 1, noNaN: true })))
  .map(([n, count, share]) => ({ n, count, runnerUpCount: Math.floor((n - count) * share) }));
const bounds = fc.constantFrom<Bound>('clopper-pearson', 'runner-up');

describe('CERTIFY', () => {
  test.each(lowerGoldens.cases)('on $k of $n at $alpha is as the golden says', (golden) => {
    const decision = certify({
      count: golden.k,
      runnerUpCount: golden.n - golden.k,
      n: golden.n,
      alpha: Number(golden.alpha),
      sigma: 1,
      bound: 'clopper-pearson',
      margin: 0,
    });
    expect(decision.status).toBe(golden.abstain === true ? 'abstained' : 'certified');
    if (typeof golden.radius_over_sigma === 'string') {
      expect(relativeError(radiusOf(decision), golden.radius_over_sigma)).toBeLessThan(1e-14);
      expect(compareToDecimal(radiusOf(decision), golden.radius_over_sigma)).toBeLessThanOrEqual(0);
    }
  });

  test.each(runnerUpGoldens.cases.filter(({ lambda }) => Number(lambda) === RUNNER_UP_LAMBDA))(
    'with the runner-up bound on $kA and $kB of $n is as the golden says',
    (golden) => {
      const { kA: count, kB: runnerUpCount, n } = golden;
      const decision = certify({ count, runnerUpCount, n, alpha: 0.001, sigma: 0.5, bound: 'runner-up', margin: 0 });
      expect(relativeError(radiusOf(decision) * 2, golden.radius_over_sigma)).toBeLessThan(1e-14);
      expect(compareToDecimal(radiusOf(decision) * 2, golden.radius_over_sigma)).toBeLessThanOrEqual(0);
      expect(compareToDecimal(decision.lowerBound, golden.pA)).toBeLessThanOrEqual(0);
      expect(compareToDecimal(decision.runnerUpUpperBound ?? 0, golden.pB)).toBeGreaterThanOrEqual(0);
    },
  );

  test('certifies exactly from the abstain threshold on', () => {
    for (const n of [10, 11, 100, 1000, 10_000]) {
      for (const margin of [0, 1e-10, 0.01]) {
        const threshold = abstainThreshold({ n, alpha: 0.001, margin });
        const statusOf = (count: number) =>
          certify({ count, runnerUpCount: 0, n, alpha: 0.001, sigma: 1, bound: 'clopper-pearson', margin }).status;
        expect(statusOf(threshold - 1)).toBe('abstained');
        if (threshold <= n) expect(statusOf(threshold)).toBe('certified');
      }
    }
  });

  test('against one other class, the runner-up bound is Clopper and Pearson’s at 0.9 alpha', () => {
    fc.assert(
      fc.property(estimates, ({ n, count }) => {
        const common = { count, runnerUpCount: n - count, n, alpha: 0.001, sigma: 0.25, margin: 1e-11 };
        const runnerUp = certify({ ...common, bound: 'runner-up' });
        const plain = certify({ ...common, alpha: 0.0009, bound: 'clopper-pearson' });
        expect(runnerUp.status).toBe(plain.status);
        expect(Math.abs(radiusOf(runnerUp) - radiusOf(plain))).toBeLessThan(1e-13);
      }),
      { numRuns: 100 },
    );
  });

  test('certifies a class of less than half the samples where the runner-up is far behind', () => {
    const decision = certify({
      count: 45_000,
      runnerUpCount: 20_000,
      n: 100_000,
      alpha: 0.001,
      sigma: 1,
      bound: 'runner-up',
      margin: 1e-10,
    });
    expect(decision.status).toBe('certified');
    expect(decision.lowerBound).toBeLessThan(0.5);
  });

  test('never certifies a radius of 0, nor a larger one for a larger margin, a lower count or a larger runner-up', () => {
    fc.assert(
      fc.property(estimates, bounds, fc.double({ min: 0, max: 1e-3, noNaN: true }), (counts, bound, margin) => {
        const common = { ...counts, alpha: 0.01, sigma: 0.25, bound };
        const plain = certify({ ...common, margin: 0 });
        const within = certify({ ...common, margin });
        if (plain.status === 'certified') expect(plain.radius).toBeGreaterThan(0);
        expect(radiusOf(within)).toBeLessThanOrEqual(radiusOf(plain));
        expect(within.lowerBound).toBeLessThanOrEqual(plain.lowerBound);
        expect(within.oneMinusLowerBound).toBeGreaterThanOrEqual(plain.oneMinusLowerBound);
        if (counts.count > 0) {
          expect(radiusOf(certify({ ...common, count: counts.count - 1, margin }))).toBeLessThanOrEqual(
            radiusOf(within),
          );
        }
        if (counts.runnerUpCount < counts.n - counts.count) {
          const crowded = certify({ ...common, runnerUpCount: counts.runnerUpCount + 1, margin });
          expect(radiusOf(crowded)).toBeLessThanOrEqual(radiusOf(within));
        }
      }),
      { numRuns: 150 },
    );
  });

  test('adds the margin to both bounds', () => {
    const common = { count: 700, runnerUpCount: 100, n: 1000, alpha: 0.001, sigma: 1, bound: 'runner-up' as const };
    const plain = certify({ ...common, margin: 0 });
    const within = certify({ ...common, margin: 2 ** -10 });
    expect(plain.lowerBound - within.lowerBound).toBeCloseTo(2 ** -10, 15);
    expect(within.oneMinusLowerBound - plain.oneMinusLowerBound).toBeCloseTo(2 ** -10, 15);
    expect((within.runnerUpUpperBound ?? 0) - (plain.runnerUpUpperBound ?? 0)).toBeCloseTo(2 ** -10, 15);
  });

  test('refuses counts that do not add up', () => {
    const common = { n: 100, alpha: 0.001, sigma: 1, bound: 'runner-up' as const, margin: 0 };
    expect(() => certify({ ...common, count: 60, runnerUpCount: 41 })).toThrow(RangeError);
    expect(() => certify({ ...common, count: 60, runnerUpCount: -1 })).toThrow(RangeError);
    expect(() => certify({ ...common, count: 60, runnerUpCount: 10, margin: -1e-9 })).toThrow(RangeError);
    expect(() => certify({ ...common, count: 60, runnerUpCount: 10, sigma: 0 })).toThrow(RangeError);
  });
});

describe('the probability of a wrong certificate', () => {
  /** Every outcome of n samples of three classes, with its probability. */
  function outcomes(n: number, [a, b, c]: readonly [number, number, number]) {
    const lnFactorials = [0];
    for (let i = 1; i <= n; i += 1) lnFactorials.push(lnFactorials[i - 1] + Math.log(i));
    const power = (p: number, k: number) => (k === 0 ? 0 : k * Math.log(p));
    const list: { counts: [number, number, number]; probability: number }[] = [];
    for (let i = 0; i <= n; i += 1) {
      for (let j = 0; j <= n - i; j += 1) {
        const k = n - i - j;
        const ln = lnFactorials[n] - lnFactorials[i] - lnFactorials[j] - lnFactorials[k];
        list.push({ counts: [i, j, k], probability: Math.exp(ln + power(a, i) + power(b, j) + power(c, k)) });
      }
    }
    return list;
  }

  test('is at most alpha with the runner-up bound, whatever the three classes’ law and the class that was guessed', () => {
    const n = 24;
    const alpha = 0.2;
    const radii = new Map<string, number>();
    function certifiedRadius(count: number, runnerUpCount: number): number {
      const key = `${count} ${runnerUpCount}`;
      const known = radii.get(key);
      if (known !== undefined) return known;
      const found = radiusOf(certify({ count, runnerUpCount, n, alpha, sigma: 1, bound: 'runner-up', margin: 0 }));
      radii.set(key, found);
      return found;
    }
    for (const law of [
      [0.5, 0.5, 0],
      [0.5, 0.25, 0.25],
      [1 / 3, 1 / 3, 1 / 3],
      [0.4, 0.4, 0.2],
      [0.6, 0.3, 0.1],
      [0.7, 0.15, 0.15],
      [0.45, 0.3, 0.25],
      [0.9, 0.06, 0.04],
    ] as const) {
      for (const guess of [0, 1, 2]) {
        const others = law.filter((_, index) => index !== guess);
        const truth = trueRadius(law[guess], Math.max(...others));
        let wrong = 0;
        for (const { counts, probability } of outcomes(n, law)) {
          const runnerUpCount = Math.max(...counts.filter((_, index) => index !== guess));
          if (certifiedRadius(counts[guess], runnerUpCount) > truth) wrong += probability;
        }
        expect(wrong).toBeLessThanOrEqual(alpha);
      }
    }
  });

  test('is alpha at most, and close to it, for a fair coin', () => {
    const n = 1000;
    const threshold = abstainThreshold({ n, alpha: 0.05, margin: 0 });
    let probability = 2 ** -n;
    let wrong = 0;
    for (let k = 0; k <= n; k += 1) {
      if (k >= threshold) wrong += probability;
      probability *= (n - k) / (k + 1);
    }
    expect(wrong).toBeLessThanOrEqual(0.05);
    expect(wrong).toBeGreaterThan(0.04);
  });
});

/** ½ (Φ⁻¹(p_A) − Φ⁻¹(p_B)), by bisection on a plain sum for Φ; a class that is not on top has radius 0. */
function trueRadius(top: number, runnerUp: number): number {
  if (top <= runnerUp) return 0;
  return runnerUp === 0 ? Infinity : (quantile(top) - quantile(runnerUp)) / 2;
}

function quantile(p: number): number {
  let low = -10;
  let high = 10;
  for (let i = 0; i < 60; i += 1) {
    const middle = (low + high) / 2;
    if (cdf(middle) < p) low = middle;
    else high = middle;
  }
  return low;
}

function cdf(x: number): number {
  let term = x;
  let sum = x;
  for (let i = 3; Math.abs(term) > 1e-18; i += 2) {
    term *= (x * x) / i;
    sum += term;
  }
  return 0.5 + sum * Math.exp((-x * x) / 2) * 0.3989422804014327;
}
