import { describe, expect, test } from 'vitest';
import { leastPredictN } from '../../certification/smoothing/least-predict-n.ts';
import { predict } from '../../certification/smoothing/predict.ts';
import { compareToDecimal, relativeError } from './decimal.ts';
import { atMost, exactBinomial, upperTails } from './exact-binomial.ts';
import highPrecision from './goldens/high-precision.json' with { type: 'json' };
import goldens from './goldens/predict.json' with { type: 'json' };

describe('PREDICT', () => {
  test.each(goldens.cases)('on $nA against $nB is as the golden says', ({ nA, nB, p_value, alpha, abstain }) => {
    const decision = predict({ topCount: nA, runnerUpCount: nB, alpha: Number(alpha), margin: 0 });
    expect(decision.status).toBe(abstain ? 'abstained' : 'predicted');
    expect(relativeError(decision.pValue, p_value)).toBeLessThan(1e-15);
    expect(compareToDecimal(decision.pValue, p_value)).toBeGreaterThanOrEqual(0);
  });

  test.each(highPrecision.pValues)('has the p-value of $nA against $nB', ({ nA, nB, p_value }) => {
    const { pValue } = predict({ topCount: nA, runnerUpCount: nB, alpha: 0.001, margin: 0 });
    if (Number(p_value) > 1e-290) expect(relativeError(pValue, p_value)).toBeLessThan(1e-15);
    expect(compareToDecimal(pValue, p_value)).toBeGreaterThanOrEqual(0);
  });

  test('decides as exact arithmetic does, and never reports a p-value on the other side of alpha', () => {
    for (const alpha of [0.5, 0.05, 2 ** -9, 0.001]) {
      for (let n = 1; n <= 60; n += 1) {
        const { terms, total } = exactBinomial(n, 0.5);
        const tails = upperTails(terms);
        for (let topCount = Math.ceil(n / 2); topCount <= n; topCount += 1) {
          const decision = predict({ topCount, runnerUpCount: n - topCount, alpha, margin: 0 });
          expect(decision.status).toBe(atMost(2n * tails[topCount], total, alpha) ? 'predicted' : 'abstained');
          expect(decision.pValue <= alpha).toBe(decision.status === 'predicted');
        }
      }
    }
  });

  test('adds the margin to the p-value, and decides by the sum', () => {
    const plain = predict({ topCount: 11, runnerUpCount: 0, alpha: 0.001, margin: 0 });
    const within = predict({ topCount: 11, runnerUpCount: 0, alpha: 0.001, margin: 2e-5 });
    const beyond = predict({ topCount: 11, runnerUpCount: 0, alpha: 0.001, margin: 3e-5 });
    expect(within.pValue - plain.pValue).toBeCloseTo(2e-5, 15);
    expect([plain.status, within.status, beyond.status]).toEqual(['predicted', 'predicted', 'abstained']);
    expect(predict({ topCount: 1000, runnerUpCount: 0, alpha: 0.001, margin: 0.002 }).status).toBe('abstained');
  });

  test('abstains where there is nothing to tell apart', () => {
    expect(predict({ topCount: 0, runnerUpCount: 0, alpha: 0.001, margin: 0 })).toEqual({
      status: 'abstained',
      pValue: 1,
    });
  });

  test('refuses a top count below the runner-up', () => {
    expect(() => predict({ topCount: 3, runnerUpCount: 4, alpha: 0.001, margin: 0 })).toThrow(RangeError);
  });

  test.each([0.5, 0.05, 0.001, 2 ** -9, 1e-300])('needs the least n of leastPredictN at alpha = %d', (alpha) => {
    const n = leastPredictN(alpha);
    expect(predict({ topCount: n, runnerUpCount: 0, alpha, margin: 0 }).status).toBe('predicted');
    expect(predict({ topCount: n - 1, runnerUpCount: 0, alpha, margin: 0 }).status).toBe('abstained');
  });
});
