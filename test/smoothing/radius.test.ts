import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromNumber } from '../../certification/smoothing/double-double.ts';
import { normalCdf } from '../../certification/smoothing/normal-cdf.ts';
import { radius } from '../../certification/smoothing/radius.ts';
import { radiusFromBounds } from '../../certification/smoothing/radius-from-bounds.ts';
import { runnerUpBounds } from '../../certification/smoothing/runner-up-bounds.ts';
import { compareToDecimal, relativeError } from './decimal.ts';
import highPrecision from './goldens/high-precision.json' with { type: 'json' };
import runnerUpGoldens from './goldens/runner-up-radius.json' with { type: 'json' };

describe('the radius −σ Φ⁻¹(1 − p)', () => {
  test.each(highPrecision.quantiles)('at a tail of $tail is the true one rounded down', ({ tail, x }) => {
    const found = radius({ sigma: 1, oneMinusLowerBound: Number(tail) });
    expect(relativeError(found, x)).toBeLessThan(4.5e-16);
    expect(compareToDecimal(found, x)).toBeLessThanOrEqual(0);
  });

  test('is above 0 just below one half, and 0 from there on', () => {
    expect(radius({ sigma: 0.25, oneMinusLowerBound: 0.5 - 2 ** -54 })).toBeGreaterThan(0);
    expect(radius({ sigma: 0.25, oneMinusLowerBound: 0.5 })).toBe(0);
    expect(radius({ sigma: 0.25, oneMinusLowerBound: 1 })).toBe(0);
  });

  test('grows as the tail shrinks, and in proportion to sigma', () => {
    const tail = fc.double({ min: 1e-300, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(tail, tail, fc.integer({ min: -8, max: 8 }), (a, b, exponent) => {
        const nearer = radius({ sigma: 1, oneMinusLowerBound: Math.max(a, b) });
        const further = radius({ sigma: 1, oneMinusLowerBound: Math.min(a, b) });
        expect(further).toBeGreaterThanOrEqual(nearer);
        expect(radius({ sigma: 2 ** exponent, oneMinusLowerBound: a })).toBe(
          radius({ sigma: 1, oneMinusLowerBound: a }) * 2 ** exponent,
        );
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    { sigma: 0, oneMinusLowerBound: 0.1 },
    { sigma: Number.POSITIVE_INFINITY, oneMinusLowerBound: 0.1 },
    { sigma: 0.25, oneMinusLowerBound: 0 },
    { sigma: 0.25, oneMinusLowerBound: 1.1 },
    { sigma: 0.25, oneMinusLowerBound: Number.NaN },
  ])('refuses %o', (bad) => {
    expect(() => radius(bad)).toThrow(RangeError);
  });
});

describe('the radius from a bound on the runner-up', () => {
  test.each(runnerUpGoldens.cases)('of $kA against $kB in $n with λ = $lambda agrees with the golden', (golden) => {
    const { top, runnerUp } = runnerUpBounds({
      count: golden.kA,
      runnerUpCount: golden.kB,
      n: golden.n,
      alpha: Number(golden.alpha),
      lambda: Number(golden.lambda),
    });
    expect(relativeError(top.p.hi, golden.pA)).toBeLessThan(1e-15);
    expect(relativeError(runnerUp.hi, golden.pB)).toBeLessThan(1e-15);
    const found = radiusFromBounds({ sigma: 1, top, runnerUp });
    expect(relativeError(found, golden.radius_over_sigma)).toBeLessThan(1e-14);
    expect(compareToDecimal(found, golden.radius_over_sigma)).toBeLessThanOrEqual(0);
  });

  test('is 0 where the runner-up may be as likely as the top class', () => {
    const top = { p: fromNumber(0.3), q: fromNumber(0.7) };
    expect(radiusFromBounds({ sigma: 1, top, runnerUp: fromNumber(0.3) })).toBe(0);
    expect(radiusFromBounds({ sigma: 1, top, runnerUp: fromNumber(0.3 - 2 ** -53) })).toBeGreaterThan(0);
  });
});

describe('Φ', () => {
  test.each(highPrecision.quantiles)('inverts the quantile of $tail', ({ tail, x }) => {
    const exact = Number(tail);
    const slope = Math.max(1, Number(x)) ** 2;
    expect(Math.abs(normalCdf(-Number(x)) / exact - 1)).toBeLessThan(2.3e-16 * (1 + slope));
    expect(normalCdf(Number(x))).toBeCloseTo(1 - exact, 15);
  });
});
