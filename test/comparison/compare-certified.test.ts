import { describe, expect, it } from 'vitest';
import { compareCertified } from '../../certification/comparison/compare-certified.ts';
import { mcnemar } from '../../certification/comparison/mcnemar.ts';

describe('a comparison of two runs', () => {
  const baseline = Float64Array.from([1, 0.5, 0.25, -1, -1, 0.75]);
  const run = Float64Array.from([1, 0.25, -1, 0.5, -1, 0.75]);

  it('counts what was lost and gained at each radius, and tests the loss', () => {
    const [zero, half] = compareCertified({ radii: [0, 0.5], run, baseline });
    expect(zero).toMatchObject({ radius: 0, certified: 4, baseline: 4, lost: 1, gained: 1 });
    expect(half).toMatchObject({ radius: 0.5, certified: 3, baseline: 3, lost: 1, gained: 1 });
    expect(zero.pValue).toBe(mcnemar({ lost: 1, gained: 1 }).ofLoss);
    expect(zero.adjustedPValue).toBe(1);
  });

  it('adjusts over its radii', () => {
    const before = new Float64Array(40).fill(1);
    const after = Float64Array.from({ length: 40 }, (_, at) => (at < 10 ? 0.3 : 1));
    const [zero, half, one] = compareCertified({ radii: [0, 0.5, 1], run: after, baseline: before });
    expect([zero.lost, half.lost, one.lost]).toEqual([0, 10, 10]);
    expect(half.adjustedPValue).toBeCloseTo(3 * 0.5 ** 10, 15);
    expect(one.adjustedPValue).toBe(half.adjustedPValue);
  });

  it('refuses runs of different lengths', () => {
    expect(() => compareCertified({ radii: [0], run, baseline: baseline.slice(1) })).toThrow('of 6 and of 5 examples');
  });
});
