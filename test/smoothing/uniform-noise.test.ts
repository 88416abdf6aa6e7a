import { describe, expect, it, test } from 'vitest';
import { certify } from '../../certification/smoothing/certify.ts';
import { fromNumber } from '../../certification/smoothing/double-double.ts';
import { leastSequentialN } from '../../certification/smoothing/least-sequential-n.ts';
import { uniformSigma } from '../../certification/smoothing/noise-scale.ts';
import { nullProbability } from '../../certification/smoothing/null-probability.ts';
import { radiusFromBounds } from '../../certification/smoothing/radius-from-bounds.ts';
import { sequentialThresholds } from '../../certification/smoothing/sequential-thresholds.ts';
import { compareToDecimal, fractionOf, relativeError } from './decimal.ts';
import goldens from './goldens/uniform-radius.json' with { type: 'json' };
import { sequentialLaw } from './sequential-law.ts';

const uniform = (lambda: number) => ({ sigma: uniformSigma(lambda), lambda });

describe('the ℓ1 radius of uniform noise', () => {
  test.each(goldens)('of $count and $runnerUpCount of $n at $alpha, $bound, is the true one rounded down', (golden) => {
    const { count, runnerUpCount, n, alpha, radiusOverLambda } = golden;
    const bound = golden.bound as 'runner-up' | 'clopper-pearson';
    for (const scale of [1, 0.5]) {
      const at = { count, runnerUpCount, n, alpha: Number(alpha), bound, margin: 0, ...uniform(scale) };
      const decision = certify(at);
      if (decision.status !== 'certified') throw new Error('expected a certificate');
      expect(compareToDecimal(decision.radius / scale, radiusOverLambda)).toBeLessThanOrEqual(0);
      expect(relativeError(decision.radius / scale, radiusOverLambda)).toBeLessThan(1e-14);
    }
  });

  it('is λ (p − q) to the last place, and never above it, also where the two are close', () => {
    const top = { p: fromNumber(0.75), q: fromNumber(0.25) };
    expect(radiusFromBounds({ ...uniform(0.5), top, runnerUp: top.q })).toBeLessThanOrEqual(0.25);
    expect(radiusFromBounds({ ...uniform(0.5), top, runnerUp: top.q })).toBeGreaterThan(0.25 - 2 ** -53);
    const close = { p: fromNumber(0.3), q: fromNumber(0.7) };
    const found = radiusFromBounds({ ...uniform(1), top: close, runnerUp: fromNumber(0.3 - 2 ** -53) });
    expect(found).toBeLessThanOrEqual(2 ** -53);
    expect(found).toBeGreaterThan(0.99 * 2 ** -53);
    expect(radiusFromBounds({ ...uniform(1), top: close, runnerUp: close.p })).toBe(0);
  });

  it('is lower by the margin twice, and abstains where nothing is left', () => {
    const at = { count: 900, runnerUpCount: 100, n: 1000, alpha: 0.001, bound: 'clopper-pearson' as const };
    const radiusAt = (margin: number) => {
      const decision = certify({ ...at, ...uniform(1), margin });
      return decision.status === 'certified' ? decision.radius : 0;
    };
    expect(radiusAt(0) - radiusAt(0.01)).toBeCloseTo(0.02, 12);
    expect(radiusAt(0.4)).toBe(0);
  });

  it('wants a lambda that is a length', () => {
    const at = { count: 9, runnerUpCount: 1, n: 10, alpha: 0.05, bound: 'clopper-pearson' as const, margin: 0 };
    for (const lambda of [0, -1, NaN, Infinity]) expect(() => certify({ ...at, sigma: 1, lambda })).toThrow(RangeError);
  });
});

describe('sequential mode with uniform noise', () => {
  it('tests p ≤ ½ + r/2λ + margin, rounded up', () => {
    for (const [radius, lambda, margin] of [
      [0, 0.5, 0],
      [0.1, 0.3, 1e-14],
      [0.25, 0.5, 0.01],
      [0.499, 0.5, 0],
    ]) {
      const found = nullProbability({ radius, ...uniform(lambda), margin });
      if (found === undefined) throw new Error('expected a probability');
      // p·2λ − λ − r − 2λ·margin, exactly, is to be a little above 0.
      const [r, l, m] = [radius, lambda, margin].map(fractionOf);
      const [high, low] = [fractionOf(found.p.hi), fractionOf(Math.abs(found.p.lo))];
      const scale = 1n << 400n;
      const of = ({ numerator, denominator }: { numerator: bigint; denominator: bigint }) =>
        (numerator * scale) / denominator;
      const p = of(high) + (found.p.lo < 0 ? -of(low) : of(low));
      const above = (2n * of(l) * (p - of(m))) / scale - of(l) - of(r);
      expect(above >= -1n).toBe(true);
      expect(Number(above) / Number(of(l))).toBeLessThan(1e-15);
    }
  });

  it.each([0, 0.1, 0.4])('certifies the radius %d·λ wrongly with a probability near α and below it', (radius) => {
    const alpha = 0.01;
    const thresholds = sequentialThresholds({ radii: [radius], ...uniform(1), n: 2_000, alpha, margin: 0 });
    const { certified } = sequentialLaw({ thresholds, p: 0.5 + radius / 2, futility: false });
    expect(certified).toBeLessThanOrEqual(alpha);
    expect(certified).toBeGreaterThan(0.6 * alpha);
  });

  it('can never certify λ or more, and says how many samples a smaller radius takes', () => {
    const least = (radius: number) => leastSequentialN({ radius, ...uniform(0.5), alpha: 0.001, margin: 0 });
    expect([least(0.5), least(0.6)]).toEqual([Infinity, Infinity]);
    // ln(0.0009) / ln(0.95), by hand: 136.7.
    expect(least(0.45)).toBe(137);
    expect(nullProbability({ radius: 0.5, ...uniform(0.5), margin: 0 })).toBeUndefined();
  });
});
