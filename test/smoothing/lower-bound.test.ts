import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binomialTail } from '../../certification/smoothing/binomial-tail.ts';
import { lowerBound } from '../../certification/smoothing/lower-bound.ts';
import { probabilityOf } from '../../certification/smoothing/probability.ts';
import { upperBound } from '../../certification/smoothing/upper-bound.ts';
import { compareToDecimal, relativeError } from './decimal.ts';
import { atMost, exactBinomial, upperTails } from './exact-binomial.ts';
import highPrecision from './goldens/high-precision.json' with { type: 'json' };
import lowerGoldens from './goldens/lower-bound.json' with { type: 'json' };
import upperGoldens from './goldens/upper-bound.json' with { type: 'json' };

const goldens = [...lowerGoldens.cases, ...highPrecision.lowerBounds];

describe('the Clopper–Pearson lower bound', () => {
  test.each(goldens)('of $k in $n at $alpha agrees with the golden, from the safe side', (golden) => {
    const bound = lowerBound({ count: golden.k, n: golden.n, alpha: Number(golden.alpha) });
    expect(relativeError(bound.lowerBound, golden.p_lower)).toBeLessThan(1e-15);
    expect(relativeError(bound.oneMinusLowerBound, golden.one_minus_p_lower)).toBeLessThan(1e-15);
    expect(compareToDecimal(bound.lowerBound, golden.p_lower)).toBeLessThanOrEqual(0);
    expect(compareToDecimal(bound.oneMinusLowerBound, golden.one_minus_p_lower)).toBeGreaterThanOrEqual(0);
  });

  test('exceeds the true probability with probability at most alpha, in exact arithmetic', () => {
    for (const n of [1, 2, 7, 40, 101]) {
      for (const alpha of [0.5, 0.05, 0.001]) {
        const bounds = Array.from({ length: n + 1 }, (_, count) => lowerBound({ count, n, alpha }).lowerBound);
        const ownBounds = bounds.filter((_, count) => count % 10 === 3);
        for (const p of [0.01, 0.2, 0.5, 0.77, 0.9375, 0.999, ...ownBounds]) {
          const { terms, total } = exactBinomial(n, p);
          const wrong = terms.filter((_, count) => bounds[count] > p).reduce((sum, term) => sum + term, 0n);
          expect(atMost(wrong, total, alpha)).toBe(true);
        }
      }
    }
  });

  test('is not needlessly low: four units in the last place higher, the tail exceeds alpha', () => {
    for (const n of [3, 40, 101]) {
      for (let count = 1; count <= n; count += 1) {
        const { lowerBound: bound } = lowerBound({ count, n, alpha: 0.01 });
        const { terms, total } = exactBinomial(n, bound * (1 + 4 * 2.220446049250313e-16));
        expect(atMost(upperTails(terms)[count], total, 0.01)).toBe(false);
      }
    }
  });

  test('rises with the count and with alpha, and stays a probability', () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 2, max: 1_000_000 })
          .chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 0, max: n - 1 }))),
        fc.double({ min: 1e-12, max: 0.49, noNaN: true }),
        ([n, count], alpha) => {
          const here = lowerBound({ count, n, alpha });
          const next = lowerBound({ count: count + 1, n, alpha });
          const looser = lowerBound({ count, n, alpha: alpha * 1.01 });
          expect(next.lowerBound).toBeGreaterThan(here.lowerBound);
          expect(next.oneMinusLowerBound).toBeLessThanOrEqual(here.oneMinusLowerBound);
          expect(looser.lowerBound).toBeGreaterThanOrEqual(here.lowerBound);
          expect(here.lowerBound).toBeGreaterThanOrEqual(0);
          expect(here.oneMinusLowerBound).toBeLessThanOrEqual(1);
          expect(here.lowerBound).toBeLessThanOrEqual(count / n);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('solves its equation for any count, n to 1e12 and alpha from 1e-300 to ½', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 40, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        fc.double({ min: 0.31, max: 300, noNaN: true }),
        (log2N, share, fromTop, digits) => {
          const n = Math.min(1e12, Math.ceil(2 ** log2N));
          const few = Math.min(n, Math.floor(n ** share));
          const count = Math.max(1, fromTop ? n - few : few);
          const alpha = 10 ** -digits;
          const { lowerBound: p, oneMinusLowerBound: q } = lowerBound({ count, n, alpha });
          expect(p).toBeGreaterThan(0);
          expect(Math.abs(p + q - 1)).toBeLessThan(4e-16);
          fc.pre(p > 1e-290);
          const lesserIsP = p < 0.5;
          const at = lesserIsP ? probabilityOf(p) : probabilityOf(q);
          const tail = lesserIsP
            ? binomialTail({ k: count, n, at }).lnUpper.hi
            : count === n
              ? n * Math.log1p(-q)
              : binomialTail({ k: n - count + 1, n, at }).lnLower.hi;
          expect(tail).toBeLessThanOrEqual(Math.log(alpha) * (1 - 1e-15));
          const slope = Math.max(1, Math.sqrt(n) * 40, -Math.log(alpha) * 2);
          expect(tail).toBeGreaterThan(Math.log(alpha) - slope * 1e-14);
        },
      ),
      { numRuns: 300 },
    );
  });

  test.each([1, 10, 1000, 100_000, 1e9])('of n in n is the n-th root of alpha, for n = %d', (n) => {
    const { oneMinusLowerBound } = lowerBound({ count: n, n, alpha: 0.001 });
    const exact = -Math.expm1(Math.log(0.001) / n);
    expect(Math.abs(oneMinusLowerBound / exact - 1)).toBeLessThan(1e-15);
  });

  test('is 0 where no sample succeeded', () => {
    expect(lowerBound({ count: 0, n: 100, alpha: 0.001 })).toEqual({ lowerBound: 0, oneMinusLowerBound: 1 });
  });

  test('has the same bits on every engine', () => {
    const hash = createHash('sha256');
    for (let i = 1; i <= 200; i += 1) {
      const n = 37 * i * i;
      const { lowerBound: p, oneMinusLowerBound: q } = lowerBound({ count: n - i * 3, n, alpha: 1 / (1 + i * i) });
      hash.update(new Float64Array([p, q]));
    }
    expect(hash.digest('hex')).toBe('d7808f2ccd4f899192a5297455cbd2c36ee081c73632372878d729e0a037e4a7');
  });

  test.each([
    { count: -1, n: 10, alpha: 0.1 },
    { count: 11, n: 10, alpha: 0.1 },
    { count: 0.5, n: 10, alpha: 0.1 },
    { count: 0, n: 0, alpha: 0.1 },
    { count: 0, n: 2e12, alpha: 0.1 },
    { count: 5, n: 10, alpha: 0 },
    { count: 5, n: 10, alpha: 1 },
    { count: 5, n: 10, alpha: Number.NaN },
  ])('refuses %o', (bad) => {
    expect(() => lowerBound(bad)).toThrow(RangeError);
  });
});

describe('the Clopper–Pearson upper bound', () => {
  test.each(upperGoldens.cases)('of $k in $n at $alpha agrees with the golden, from the safe side', (golden) => {
    const bound = upperBound({ count: golden.k, n: golden.n, alpha: Number(golden.alpha) });
    expect(relativeError(bound, golden.p_upper)).toBeLessThan(1e-15);
    expect(compareToDecimal(bound, golden.p_upper)).toBeGreaterThanOrEqual(0);
  });

  test('is 1 where every sample succeeded', () => {
    expect(upperBound({ count: 9, n: 9, alpha: 0.001 })).toBe(1);
  });
});
