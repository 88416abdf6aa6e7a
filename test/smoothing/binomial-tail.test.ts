import { expect, test } from 'vitest';
import { binomialTail } from '../../certification/smoothing/binomial-tail.ts';
import { binomialTailAtMost } from '../../certification/smoothing/binomial-tail-at-most.ts';
import { exp } from '../../certification/smoothing/exp.ts';
import { probabilityOf } from '../../certification/smoothing/probability.ts';
import { exactBinomial, upperTails } from './exact-binomial.ts';

/** numerator/total to 30 digits, as a sum of two doubles would give it. */
function ratio(numerator: bigint, total: bigint): number {
  return Number((numerator * 10n ** 40n) / total) / 1e40;
}

test.each([
  { n: 1, p: 0.5 },
  { n: 2, p: 0.25 },
  { n: 31, p: 0.5 },
  { n: 64, p: 0.001 },
  { n: 100, p: 0.7 },
])('both tails of Bin($n, $p) are those of exact arithmetic', ({ n, p }) => {
  const { terms, total } = exactBinomial(n, p);
  const tails = upperTails(terms);
  for (let k = 1; k <= n; k += 1) {
    const { lnUpper, lnLower } = binomialTail({ k, n, at: probabilityOf(p) });
    const upper = ratio(tails[k], total);
    const lower = ratio(total - tails[k], total);
    if (upper > 1e-20) expect(Math.abs(exp(lnUpper).hi / upper - 1)).toBeLessThan(3e-16);
    if (lower > 1e-20) expect(Math.abs(exp(lnLower).hi / lower - 1)).toBeLessThan(3e-16);
  }
});

test('a tail that equals the level to the last digit is at most the level', () => {
  expect(binomialTailAtMost({ k: 10, n: 10, p: 0.5, level: 2 ** -10 })).toBe(true);
  expect(binomialTailAtMost({ k: 9, n: 10, p: 0.5, level: 11 * 2 ** -10 })).toBe(true);
  expect(binomialTailAtMost({ k: 1000, n: 1000, p: 0.5, level: 2 ** -1000 })).toBe(true);
  expect(binomialTailAtMost({ k: 3, n: 3, p: 0.25, offset: 0.125, level: 0.375 ** 3 })).toBe(true);
  expect(binomialTailAtMost({ k: 50_001, n: 100_001, p: 0.5, level: 0.5 })).toBe(true);
});

test('a tail that exceeds the level by its last bit is not', () => {
  expect(binomialTailAtMost({ k: 10, n: 10, p: 0.5, level: 2 ** -10 * (1 - 2 ** -53) })).toBe(false);
  expect(binomialTailAtMost({ k: 9, n: 10, p: 0.5, level: 11 * 2 ** -10 * (1 - 2 ** -52) })).toBe(false);
  expect(binomialTailAtMost({ k: 50_001, n: 100_001, p: 0.5, level: 0.5 - 2 ** -54 })).toBe(false);
});
