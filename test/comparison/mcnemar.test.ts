import { describe, expect, it } from 'vitest';
import { mcnemar } from '../../certification/comparison/mcnemar.ts';

/** SciPy 1.17.1: `binomtest(lost, lost + gained, 0.5, alternative='greater').pvalue`, and two-sided. */
const REFERENCE: [lost: number, gained: number, ofLoss: number, twoSided: number][] = [
  [1, 0, 0.5, 1],
  [5, 0, 0.03125, 0.0625],
  [3, 8, 0.96728515625, 0.2265625],
  [10, 2, 0.019287109375, 0.03857421875],
  [15, 5, 0.020694732666015625, 0.04138946533203125],
  [121, 59, 2.2172246318775823e-6, 4.4344492637551645e-6],
  [59, 121, 0.999998950577836, 4.4344492637551645e-6],
  [200, 200, 0.5199346509818967, 1],
  [1000, 900, 0.011554422554450597, 0.023108845108901193],
  [30000, 29000, 1.953510483915111e-5, 3.907020967830222e-5],
  [12, 13, 0.6549810171127319, 1],
];

describe("McNemar's exact test", () => {
  it.each(REFERENCE)('gives of %d lost and %d gained what SciPy gives', (lost, gained, ofLoss, twoSided) => {
    const found = mcnemar({ lost, gained });
    expect(Math.abs(found.ofLoss / ofLoss - 1)).toBeLessThan(1e-11);
    expect(Math.abs(found.twoSided / twoSided - 1)).toBeLessThan(1e-11);
  });

  it('is the binomial tail, summed in whole numbers, never below it', () => {
    for (const [lost, gained] of [
      [7, 3],
      [0, 9],
      [20, 11],
      [26, 26],
    ]) {
      const n = lost + gained;
      let tail = 0n;
      for (let k = lost; k <= n; k += 1) tail += choose(n, k);
      const exact = Number(tail) / 2 ** n;
      const { ofLoss } = mcnemar({ lost, gained });
      expect(ofLoss).toBeGreaterThanOrEqual(exact);
      expect(ofLoss).toBeLessThanOrEqual(Math.min(1, exact * (1 + 1e-15)));
    }
  });

  it('finds nothing where the two never differ, and refuses what is no count', () => {
    expect(mcnemar({ lost: 0, gained: 0 })).toEqual({ ofLoss: 1, twoSided: 1 });
    expect(() => mcnemar({ lost: -1, gained: 2 })).toThrow(RangeError);
    expect(() => mcnemar({ lost: 1, gained: 0.5 })).toThrow(RangeError);
  });
});

function choose(n: number, k: number): bigint {
  let value = 1n;
  for (let i = 1; i <= k; i += 1) value = (value * BigInt(n - k + i)) / BigInt(i);
  return value;
}
