import { describe, expect, test } from 'vitest';
import { abstainThreshold } from '../../certification/smoothing/abstain-threshold.ts';
import { certify } from '../../certification/smoothing/certify.ts';
import { leastN } from '../../certification/smoothing/least-n.ts';
import { atMost, exactBinomial, upperTails } from './exact-binomial.ts';

function exactThreshold(alpha: number, terms: readonly bigint[], total: bigint): number {
  return upperTails(terms).findIndex((tail) => atMost(tail, total, alpha));
}

describe('the abstain threshold', () => {
  test.each([0.5, 0.25, 0.05, 0.001, 2 ** -10, 1e-12, 11 * 2 ** -10])(
    'at alpha = %d is the least count of exact arithmetic for every n to 120, and n + 1 where none is enough',
    (alpha) => {
      for (let n = 1; n <= 120; n += 1) {
        const { terms, total } = exactBinomial(n, 0.5);
        expect(abstainThreshold({ n, alpha, margin: 0 })).toBe(exactThreshold(alpha, terms, total));
      }
    },
  );

  test.each([1000, 1001, 3000])('is exact at n = %d', (n) => {
    const { terms, total } = exactBinomial(n, 0.5);
    for (const alpha of [0.5, 0.001, 1e-100]) {
      expect(abstainThreshold({ n, alpha, margin: 0 })).toBe(exactThreshold(alpha, terms, total));
    }
  });

  test('with a margin is that of the null ½ + margin', () => {
    for (const margin of [2 ** -30, 0.125]) {
      for (const n of [1, 20, 101]) {
        const { terms, total } = exactBinomial(n, 0.5 + margin);
        expect(abstainThreshold({ n, alpha: 0.01, margin })).toBe(exactThreshold(0.01, terms, total));
      }
    }
  });

  test('at n = 1e12 leaves the tail to either side of alpha', () => {
    expect(abstainThreshold({ n: 1e12, alpha: 0.001, margin: 0 })).toBe(500_001_545_117);
    expect(abstainThreshold({ n: 1e12, alpha: 0.001, margin: 1e-9 })).toBe(500_001_546_117);
  });
});

describe('the least n that can certify', () => {
  test.each([
    { alpha: 0.001, margin: 0, bound: 'clopper-pearson' },
    { alpha: 0.001, margin: 1e-10, bound: 'runner-up' },
    { alpha: 0.5, margin: 0, bound: 'clopper-pearson' },
    { alpha: 2 ** -10, margin: 0, bound: 'clopper-pearson' },
    { alpha: 0.05, margin: 0.25, bound: 'runner-up' },
    { alpha: 1e-300, margin: 0, bound: 'clopper-pearson' },
  ] as const)('at $alpha, $margin, $bound certifies n of n, and one less does not', ({ alpha, margin, bound }) => {
    const n = leastN({ alpha, margin, bound });
    const statusOf = (all: number) =>
      certify({ count: all, runnerUpCount: 0, n: all, alpha, sigma: 1, bound, margin }).status;
    expect(statusOf(n)).toBe('certified');
    if (n > 1) expect(statusOf(n - 1)).toBe('abstained');
  });

  test('is 10 at alpha = 0.001, and 11 for the 9/10 of it that the runner-up bound leaves', () => {
    expect(leastN({ alpha: 0.001, margin: 0, bound: 'clopper-pearson' })).toBe(10);
    expect(leastN({ alpha: 0.001, margin: 0, bound: 'runner-up' })).toBe(11);
  });
});
