import { describe, expect, test } from 'vitest';
import { curveSlack } from '../../certification/smoothing/curve-slack.ts';
import { exactCountBound } from '../../certification/smoothing/exact-count-bound.ts';
import { theorem6 } from '../../certification/smoothing/theorem6.ts';
import { atMost, exactBinomial, upperTails } from './exact-binomial.ts';

const settings = [
  { alpha: 0.001, rho: 0.001 },
  { alpha: 0.05, rho: 0.05 },
  { alpha: 0.5, rho: 0.25 },
  { alpha: 0.25, rho: 2 ** -4 },
];

describe('the exact count bound', () => {
  test.each(settings)('is its definition in exact arithmetic at $alpha and $rho', ({ alpha, rho }) => {
    for (const examples of [1, 2, 9, 30]) {
      const tails = Array.from({ length: examples + 1 }, (_, m) => {
        const { terms, total } = exactBinomial(m, alpha);
        return { upper: upperTails(terms), total };
      });
      for (let certified = 0; certified <= examples; certified += 1) {
        let g = 0;
        for (; ; g += 1) {
          const { upper, total } = tails[examples - g];
          if (!atMost(upper[Math.max(0, certified - g)], total, rho)) break;
        }
        expect(exactCountBound({ examples, certified, alpha, rho })).toBe(g);
      }
    }
  });

  test('exceeds the true count with probability at most rho, when each other example is certified with probability alpha', () => {
    const examples = 25;
    const { alpha, rho } = { alpha: 0.1, rho: 0.05 };
    for (let robust = 0; robust <= examples; robust += 1) {
      const { terms, total } = exactBinomial(examples - robust, alpha);
      const wrong = terms
        .filter((_, lucky) => exactCountBound({ examples, certified: robust + lucky, alpha, rho }) > robust)
        .reduce((sum, term) => sum + term, 0n);
      expect(atMost(wrong, total, rho)).toBe(true);
    }
  });

  test('rises with the certified count, to all of them where one lucky certificate is already too improbable', () => {
    let last = -1;
    for (let certified = 0; certified <= 500; certified += 1) {
      const bound = exactCountBound({ examples: 500, certified, alpha: 0.001, rho: 0.001 });
      expect(bound).toBeGreaterThanOrEqual(Math.max(last, 0));
      expect(bound).toBeLessThanOrEqual(certified);
      last = bound;
    }
    expect(last).toBe(500);
  });
});

describe('the slack of the whole curve', () => {
  test.each(settings)('is its definition in exact arithmetic at $alpha and $rho', ({ alpha, rho }) => {
    for (const examples of [1, 2, 9, 30, 101]) {
      const { terms, total } = exactBinomial(examples, alpha);
      const tails = upperTails(terms);
      const least = tails.findIndex((_, q) => atMost(tails[q + 1], total, rho));
      expect(curveSlack({ examples, alpha, rho })).toBe(least);
    }
  });

  test('gives no more than the exact bound of one radius', () => {
    const setting = { examples: 500, alpha: 0.001, rho: 0.001 };
    const slack = curveSlack(setting);
    for (let certified = slack; certified <= 500; certified += 7) {
      expect(certified - slack).toBeLessThanOrEqual(exactCountBound({ ...setting, certified }));
    }
  });
});

describe('Theorem 6 of Cohen, Rosenfeld & Kolter', () => {
  test.each([
    { examples: 500, certified: 410, alpha: 0.001, rho: 0.001 },
    { examples: 10_000, certified: 7000, alpha: 0.001, rho: 0.05 },
    { examples: 1_000_000, certified: 700_000, alpha: 0.1, rho: 1e-9 },
  ])('is the formula of the paper, rounded down: $certified of $examples', (setting) => {
    const { examples: m, certified, alpha, rho } = setting;
    const logRho = Math.log(1 / rho);
    const formula =
      (certified / m - alpha - Math.sqrt((2 * alpha * (1 - alpha) * logRho) / m) - logRho / (3 * m)) / (1 - alpha);
    const bound = theorem6(setting);
    expect(bound).toBeLessThan(formula);
    expect(bound).toBeGreaterThan(formula - 1e-14);
    expect(bound * m).toBeLessThan(exactCountBound(setting));
  });

  test('is 0 where the formula is negative', () => {
    expect(theorem6({ examples: 500, certified: 0, alpha: 0.001, rho: 0.001 })).toBe(0);
  });
});

test('the bounds of a million examples take milliseconds', () => {
  const setting = { examples: 1_000_000, alpha: 0.001, rho: 0.001 };
  const start = performance.now();
  expect(exactCountBound({ ...setting, certified: 700_000 })).toBe(699_645);
  expect(curveSlack(setting)).toBe(1099);
  expect(performance.now() - start).toBeLessThan(500);
});
